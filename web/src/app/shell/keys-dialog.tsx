import { X } from 'lucide-react';
import { Dialog } from '@/shared/ui/dialog';
import { IconButton } from '@/shared/ui/icon-button';
import { Kbd, mod } from '@/shared/ui/kbd';

const groups: { title: string; keys: [string[], string][] }[] = [
  {
    title: 'Anywhere',
    keys: [
      [[`${mod}K`, '/'], 'Search or jump to'],
      [['C'], 'New task'],
      [['I'], 'Inbox'],
      [[`${mod}Z`], 'Undo your last change'],
      [['?'], 'This sheet'],
      [['Esc'], 'Close what is open'],
    ],
  },
  {
    title: 'On a card',
    keys: [
      [['Enter'], 'Open it'],
      [['Space'], 'Pick it up, and put it down'],
      [['↑', '↓'], 'Move it within its column'],
      [['←', '→'], 'Move it to the next column'],
      [['Esc'], 'Leave it where it was'],
    ],
  },
  {
    title: 'In a task',
    keys: [
      [[`${mod}↵`], 'Save the text or the comment'],
      [['@'], 'Mention somebody in a text'],
      [['Esc'], 'Close the task'],
    ],
  },
  {
    title: 'In the inbox',
    keys: [
      [['J', '↓'], 'Next notice'],
      [['K', '↑'], 'The one before'],
      [['Enter'], 'Open its task, and mark it as read'],
      [['R'], 'Mark it as read, or as unread'],
      [['⇧R'], 'Mark all as read'],
      [['U'], 'Show only what is unread, or all'],
    ],
  },
];

/** What each key does. */
export default function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog label="Keyboard" width={720} onClose={onClose}>
      <header className="flex items-center justify-between border-b border-line py-2 pr-2 pl-4">
        <h2 tabIndex={-1} data-autofocus className="text-lg font-semibold outline-none">
          Keyboard
        </h2>
        <IconButton icon={X} label="Close" onClick={onClose} />
      </header>
      <section
        aria-label="Keys"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to scroll by keyboard, too
        tabIndex={0}
        className="grid max-h-[70vh] gap-x-8 gap-y-5 overflow-y-auto p-4 -outline-offset-2 sm:grid-cols-2"
      >
        {groups.map((group) => (
          <section key={group.title} className="grid content-start gap-1.5">
            <h3 className="text-xs text-ink-3">{group.title}</h3>
            <dl className="grid gap-1.5">
              {group.keys.map(([keys, does]) => (
                <div key={keys.join() + does} className="flex items-center justify-between gap-3">
                  <dt>{does}</dt>
                  <dd className="flex gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </section>
    </Dialog>
  );
}
