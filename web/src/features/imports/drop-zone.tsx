import { Upload } from 'lucide-react';
import { useState } from 'react';
import { cx } from '@/shared/ui/cx';

/** Takes the file: dropped, or chosen. */
export function DropZone({ onFile }: { onFile: (file: File) => void }) {
  const [over, setOver] = useState(false);
  return (
    <div className="grid gap-5">
      <label
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const file = event.dataTransfer.files[0];
          if (file) onFile(file);
        }}
        className={cx(
          'grid cursor-pointer justify-items-center gap-1.5 rounded-panel border border-dashed bg-surface px-5 py-11 text-center transition-colors duration-120 has-focus-visible:outline-2 has-focus-visible:outline-focus',
          over ? 'border-focus bg-chosen' : 'border-line-strong hover:bg-hover',
        )}
      >
        <Upload size={20} strokeWidth={1.6} className="text-ink-3" aria-hidden />
        <span className="font-medium">Drop a Trello export here, or choose the file</span>
        <span className="text-sm text-ink-2">A .json file, up to 512 MB</span>
        <input
          type="file"
          accept=".json,application/json"
          aria-label="Trello export"
          className="sr-only"
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = '';
            if (file) onFile(file);
          }}
        />
      </label>
      <section className="text-ink-2">
        <h2 className="mb-1 font-medium text-ink">Where the file comes from</h2>
        <p>
          In Trello, open the board’s menu, choose “Print, export, and share”, then “Export as JSON”. Lists,
          cards, labels, checklists, due dates, comments, people and links come over; what cannot is listed by
          name.
        </p>
      </section>
    </div>
  );
}
