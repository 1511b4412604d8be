import { Plot } from './plot';

export type Dot = { key: string; name: string; part: number; value: number };
export type Mark = { name: string; value: number; className: string };
type Props = {
  says: string;
  names: string[];
  dots: Dot[];
  marks: Mark[];
  onOpen: (key: string) => void;
};

/** A dot for each thing, with lines that most of them are under. */
export function Dots({ says, names, dots, marks, onOpen }: Props) {
  const max = Math.max(0, ...dots.map((dot) => dot.value), ...marks.map((mark) => mark.value));
  return (
    <Plot says={says} max={max} names={names}>
      {({ x, y }) => (
        <>
          {dots.map((dot, index) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the table beside has a link for each
            <circle
              // biome-ignore lint/suspicious/noArrayIndexKey: one task can be finished more than once
              key={`${dot.key} ${index}`}
              data-dot=""
              cx={x(dot.part)}
              cy={y(dot.value)}
              r={3.5}
              onClick={() => onOpen(dot.key)}
              className="cursor-pointer fill-accent/70 stroke-transparent stroke-[8px] hover:fill-accent"
            >
              <title>{dot.name}</title>
            </circle>
          ))}
          {marks.map((mark, index) => (
            <g key={mark.name} className={`pointer-events-none ${mark.className}`}>
              <line
                x1={x(0)}
                x2={x(1)}
                y1={y(mark.value)}
                y2={y(mark.value)}
                stroke="currentColor"
                strokeDasharray="4 3"
              />
              <text
                x={x(1)}
                // Where the two lines are close, the upper one's name goes above the lower one's.
                y={(index === 1 && tooClose(marks, y) ? y(marks[0]?.value ?? 0) - 13 : y(mark.value)) - 5}
                textAnchor="end"
                className="fill-ink-2 stroke-surface stroke-[3px] [paint-order:stroke]"
              >
                {mark.name}
              </text>
            </g>
          ))}
        </>
      )}
    </Plot>
  );
}

function tooClose(marks: Mark[], y: (value: number) => number): boolean {
  const [low, high] = marks;
  return low !== undefined && high !== undefined && y(low.value) - y(high.value) < 18;
}
