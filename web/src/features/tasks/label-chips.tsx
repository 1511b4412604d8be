import { Hue } from '@/shared/ui/hue';
import { useLabels } from './queries';
import { useWorkspace } from './workspace';

/** Labels as dot and word; one without a name goes by its colour. */
export function LabelChips({ ids, max = 20 }: { ids: string[]; max?: number }) {
  const labels = useLabels(useWorkspace());
  const known = ids.flatMap((id) => labels.get(id) ?? []);
  return (
    <>
      {known.slice(0, max).map((label) => (
        <span key={label.id} className="flex max-w-40 items-center gap-1.5 text-ink-2">
          <Hue hue={label.color} />
          <span className="truncate">{label.name || label.color}</span>
        </span>
      ))}
      {known.length > max && <span className="text-ink-3">+{known.length - max}</span>}
    </>
  );
}
