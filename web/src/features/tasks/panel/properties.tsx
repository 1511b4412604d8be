import type { Priority, Project, Task } from '@/shared/http/types';
import { Avatars } from '@/shared/ui/avatar';
import { Menu, MenuChoice } from '@/shared/ui/menu';
import { Popover } from '@/shared/ui/popover';
import { PriorityIcon, priorityNames } from '@/shared/ui/priority-icon';
import { StateIcon } from '@/shared/ui/state-icon';
import { endOf } from '../board/add-task';
import { shareOf } from '../board/share';
import { byPosition } from '../cache/order';
import { changeTask } from '../commands/tasks';
import { LabelChips } from '../label-chips';
import { LabelPicker, PeoplePicker } from '../pickers';
import { taskKey, useMembers } from '../queries';
import { useWorkspace } from '../workspace';
import { DateProperty } from './date-property';
import { Property, ValueButton } from './property';

const priorities: Priority[] = ['urgent', 'high', 'medium', 'low', 'none'];

/** Status, priority, people, dates, labels: each changed where it stands. */
export function Properties({ task, project }: { task: Task; project: Project }) {
  const w = useWorkspace();
  const members = useMembers(w);
  const key = taskKey(project, task);
  const columns = project.columns.filter((column) => !column.archived).toSorted(byPosition);
  const column = project.columns.find((other) => other.id === task.column);
  const people = task.assignees.flatMap((id) => members.get(id) ?? []);
  const firstNames = people.map((person) => person.name.split(' ')[0]).join(', ');
  return (
    <div className="mb-4">
      <Property name="Status">
        <Menu
          align="start"
          trigger={
            <ValueButton aria-label={`Status: ${column?.name}`}>
              {column && <StateIcon category={column.category} share={shareOf(columns, column)} />}
              {column?.name}
            </ValueButton>
          }
        >
          {columns.map((other) => (
            <MenuChoice
              key={other.id}
              checked={other.id === task.column}
              lead={<StateIcon category={other.category} share={shareOf(columns, other)} />}
              onSelect={() => {
                const position = endOf(w, project.id, other.id);
                const patch = { column: other.id, ...(position ? { position } : {}) };
                if (other.id === task.column) return;
                const said = `${key} moved to ${other.name}`;
                void changeTask(w, task, patch, said, said);
              }}
            >
              {other.name}
            </MenuChoice>
          ))}
        </Menu>
      </Property>
      <Property name="Priority">
        <Menu
          align="start"
          trigger={
            <ValueButton
              aria-label={`Priority: ${task.priority === 'none' ? 'None' : priorityNames[task.priority]}`}
              empty={task.priority === 'none'}
            >
              <PriorityIcon priority={task.priority} />
              {task.priority === 'none' ? 'None' : priorityNames[task.priority]}
            </ValueButton>
          }
        >
          {priorities.map((priority) => (
            <MenuChoice
              key={priority}
              checked={priority === task.priority}
              lead={<PriorityIcon priority={priority} />}
              onSelect={() => void changeTask(w, task, { priority }, `Priority of ${key}`)}
            >
              {priorityNames[priority]}
            </MenuChoice>
          ))}
        </Menu>
      </Property>
      <Property name="Assignees">
        <Popover
          label="Assignees"
          trigger={
            <ValueButton empty={people.length === 0} aria-label={`Assignees: ${firstNames || 'Nobody'}`}>
              {people.length > 0 && <Avatars people={people} />}
              {people.length === 0 && 'Nobody'}
              {firstNames}
            </ValueButton>
          }
        >
          {() => (
            <PeoplePicker
              chosen={task.assignees}
              onChange={(assignees) => void changeTask(w, task, { assignees }, `Assignees of ${key}`)}
            />
          )}
        </Popover>
      </Property>
      <DateProperty task={task} field="start" name="Start" taskName={key} />
      <DateProperty task={task} field="due" name="Due" taskName={key} category={column?.category} />
      <Property name="Labels">
        <Popover
          label="Labels"
          trigger={
            <ValueButton empty={task.labels.length === 0}>
              <span className="sr-only">Labels: </span>
              {task.labels.length > 0 ? <LabelChips ids={task.labels} /> : 'None'}
            </ValueButton>
          }
        >
          {() => (
            <LabelPicker
              chosen={task.labels}
              onChange={(labels) => void changeTask(w, task, { labels }, `Labels of ${key}`)}
            />
          )}
        </Popover>
      </Property>
    </div>
  );
}
