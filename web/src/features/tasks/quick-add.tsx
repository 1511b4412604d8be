import { Calendar, Tag, UserRound, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { paths } from '@/app/paths';
import type { Priority, Project } from '@/shared/http/types';
import { Avatars } from '@/shared/ui/avatar';
import { Button } from '@/shared/ui/button';
import { sayDate } from '@/shared/ui/dates';
import { Dialog } from '@/shared/ui/dialog';
import { Hue } from '@/shared/ui/hue';
import { IconButton } from '@/shared/ui/icon-button';
import { Kbd, mod } from '@/shared/ui/kbd';
import { Menu, MenuChoice } from '@/shared/ui/menu';
import { Popover } from '@/shared/ui/popover';
import { PriorityIcon, priorityNames } from '@/shared/ui/priority-icon';
import { StateIcon } from '@/shared/ui/state-icon';
import { toast } from '@/shared/ui/toasts';
import { endOf } from './board/add-task';
import { byPosition } from './cache/order';
import { createTask } from './commands/tasks';
import { LabelChips } from './label-chips';
import { LabelPicker, PeoplePicker } from './pickers';
import { useMembers, useProjects } from './queries';
import { useWorkspace } from './workspace';

const priorities: Priority[] = ['urgent', 'high', 'medium', 'low', 'none'];
const chip =
  'flex h-[26px] max-w-52 items-center gap-1.5 rounded-card border border-line px-2 text-sm text-ink-2 hover:bg-hover touch:h-11 touch:px-3';

/** A new task from anywhere, by C: type, and press Enter. */
export default function QuickAdd({ column, onClose }: { column: string | null; onClose: () => void }) {
  const w = useWorkspace();
  const [path, navigate] = useLocation();
  const projects = useProjects(w).filter((project) => project.state === 'live');
  const here = path.split('/p/')[1]?.split('/')[0];
  const [projectId, setProject] = useState(here ?? '');
  const [columnId, setColumn] = useState(column ?? '');
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const [priority, setPriority] = useState<Priority>('none');
  const [assignees, setAssignees] = useState<string[]>([]);
  const [labels, setLabels] = useState<string[]>([]);
  const [due, setDue] = useState('');
  const project = projects.find((row) => row.id === projectId) ?? projects[0];
  const columns = (project?.columns ?? []).filter((row) => !row.archived).toSorted(byPosition);
  const into = columns.find((row) => row.id === columnId) ?? firstColumn(project);
  const members = useMembers(w);
  const people = assignees.flatMap((id) => members.get(id) ?? []);

  const create = () => {
    const text = title.trim();
    if (!text || !project || !into) return;
    const id = createTask(
      w,
      {
        project: project.id,
        column: into.id,
        title: text,
        ...(description.trim() ? { description: description.trim() } : {}),
        ...(priority !== 'none' ? { priority } : {}),
        ...(assignees.length > 0 ? { assignees } : {}),
        ...(labels.length > 0 ? { labels } : {}),
        ...(due ? { due } : {}),
      },
      endOf(w, project.id, into.id),
    );
    toast({
      kind: 'done',
      text: `“${text}” added to ${into.name}`,
      action: { label: 'Open', run: () => navigate(`${paths.board(w, project.id)}?task=${id}`) },
    });
    onClose();
  };

  return (
    <Dialog label="New task" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) create();
        }}
      >
        <header className="flex items-center gap-1 pt-2 pr-2 pl-3">
          <Choice
            label={`Project: ${project?.name ?? 'none'}`}
            lead={project && <Hue hue={project.color} square />}
            text={project?.name ?? 'No project yet'}
          >
            {projects.map((row) => (
              <MenuChoice
                key={row.id}
                checked={row.id === project?.id}
                lead={<Hue hue={row.color} square />}
                onSelect={() => {
                  setProject(row.id);
                  setColumn('');
                }}
              >
                {row.name}
              </MenuChoice>
            ))}
          </Choice>
          <span className="flex-1" />
          <IconButton icon={X} label="Close" onClick={onClose} />
        </header>
        <input
          data-autofocus
          value={title}
          maxLength={500}
          aria-label="Title"
          placeholder="What is to be done?"
          onChange={(event) => setTitle(event.target.value)}
          className="mt-1 w-full bg-transparent px-5 py-1.5 text-lg font-medium outline-none placeholder:font-normal touch:h-11"
        />
        <textarea
          value={description}
          rows={3}
          maxLength={100_000}
          aria-label="Description"
          placeholder="Description, in Markdown"
          onChange={(event) => setDescription(event.target.value)}
          className="block w-full resize-none bg-transparent px-5 py-1 outline-none"
        />
        <div className="flex flex-wrap gap-1.5 px-4 pt-2 pb-4">
          <Choice
            label={`Status: ${into?.name ?? 'none'}`}
            lead={into && <StateIcon category={into.category} />}
            text={into?.name ?? 'Status'}
          >
            {columns.map((row) => (
              <MenuChoice
                key={row.id}
                checked={row.id === into?.id}
                lead={<StateIcon category={row.category} />}
                onSelect={() => setColumn(row.id)}
              >
                {row.name}
              </MenuChoice>
            ))}
          </Choice>
          <Choice
            label={`Priority: ${priorityNames[priority]}`}
            lead={<PriorityIcon priority={priority} />}
            text={priority === 'none' ? 'Priority' : priorityNames[priority]}
          >
            {priorities.map((row) => (
              <MenuChoice
                key={row}
                checked={row === priority}
                lead={<PriorityIcon priority={row} />}
                onSelect={() => setPriority(row)}
              >
                {priorityNames[row]}
              </MenuChoice>
            ))}
          </Choice>
          <Popover
            label="Assignees"
            trigger={
              <button type="button" className={chip}>
                {people.length > 0 ? (
                  <Avatars people={people} size={18} />
                ) : (
                  <UserRound size={14} aria-hidden />
                )}
                {people.length === 0 && 'Assignees'}
                {people.length === 1 && people[0]?.name}
              </button>
            }
          >
            {() => <PeoplePicker chosen={assignees} onChange={setAssignees} />}
          </Popover>
          <Popover
            label="Labels"
            trigger={
              <button type="button" className={chip}>
                {labels.length > 0 ? <LabelChips ids={labels} max={2} /> : <Tag size={14} aria-hidden />}
                {labels.length === 0 && 'Labels'}
              </button>
            }
          >
            {() => <LabelPicker chosen={labels} onChange={setLabels} />}
          </Popover>
          <label className={`${chip} relative cursor-pointer`}>
            <Calendar size={14} aria-hidden />
            {due ? sayDate(due) : 'Due'}
            <input
              type="date"
              aria-label="Due date"
              value={due}
              onChange={(event) => setDue(event.target.value)}
              onClick={(event) => event.currentTarget.showPicker?.()}
              className="absolute inset-0 opacity-0"
            />
          </label>
        </div>
        <footer className="flex items-center justify-end gap-2 border-t border-line px-4 py-3">
          <span className="flex-1 text-sm text-ink-3 phone:hidden">
            <Kbd>↵</Kbd> or <Kbd>{mod}↵</Kbd> adds it
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!title.trim() || !into}>
            Add task
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

/** Where a task goes when nobody says: what is open, else the backlog, else the first column. */
function firstColumn(project: Project | undefined) {
  const columns = (project?.columns ?? []).filter((row) => !row.archived).toSorted(byPosition);
  return (
    columns.find((row) => row.category === 'open') ??
    columns.find((row) => row.category === 'backlog') ??
    columns[0]
  );
}

function Choice({
  label,
  lead,
  text,
  children,
}: {
  label: string;
  lead: ReactNode;
  text: string;
  children: ReactNode;
}) {
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" aria-label={label} className={chip}>
          {lead}
          <span className="truncate">{text}</span>
        </button>
      }
    >
      {children}
    </Menu>
  );
}
