import type { ReactNode } from 'react';
import type { HistoryEvent, Project } from '@/shared/http/types';
import { ago, inFull } from '@/shared/ui/dates';
import { useLabels, useNameOf, useProjects } from '../queries';
import { useWorkspace } from '../workspace';
import { describe } from './describe';

type Props = {
  event: HistoryEvent;
  who: string;
  project?: Project;
  about?: ReactNode;
  /** Shows the task as the event left it; its time is then the button for that. */
  onOpen?: () => void;
};

/** One thing that happened, as a sentence. */
export function HistoryLine({ event, who, about, onOpen }: Props) {
  const w = useWorkspace();
  const labels = useLabels(w);
  const projects = useProjects(w);
  const nameOf = useNameOf(w);
  const pieces = describe(event, {
    project: (id) => projects.find((other) => other.id === id),
    label: (id) => labels.get(id),
    person: (id) => nameOf(id).name,
  });
  return (
    <p data-testid="history" className="min-w-0 flex-1 text-ink-2 [overflow-wrap:anywhere]">
      <span className="font-medium text-ink">{who}</span>{' '}
      {event.cause?.startsWith('undo:') && 'undid a change: '}
      {pieces.map((piece, index) => {
        const key = `${index} ${piece.text}`;
        if (piece.as === 'value') {
          return (
            <span key={key} className="font-medium text-ink">
              {piece.text}
            </span>
          );
        }
        if (piece.as === 'before') {
          return (
            <s key={key} className="text-ink-3">
              {piece.text}
            </s>
          );
        }
        return piece.text;
      })}
      {onOpen ? (
        <button
          type="button"
          onClick={onOpen}
          title={`As it was on ${inFull(event.at)}`}
          className="ml-1.5 rounded-row text-sm whitespace-nowrap text-ink-3 hover:text-ink hover:underline touch:-my-3 touch:py-3"
        >
          <span className="sr-only">See it as it was </span>
          <time dateTime={event.at}>{ago(event.at)}</time>
        </button>
      ) : (
        <time
          dateTime={event.at}
          title={inFull(event.at)}
          className="ml-1.5 text-sm whitespace-nowrap text-ink-3"
        >
          {ago(event.at)}
        </time>
      )}
      {about}
    </p>
  );
}
