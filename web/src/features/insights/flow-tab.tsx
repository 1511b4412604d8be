import { CycleCard } from './cycle-card';
import type { Question } from './endpoints';
import { FlowCard } from './flow-card';
import { ForecastCard } from './forecast-card';
import { ThroughputCard } from './throughput-card';
import { Tiles } from './tiles';

/** How the work flows. */
export function FlowTab({ question, before }: { question: Question; before: Question }) {
  return (
    <>
      <Tiles question={question} before={before} />
      <div className="grid grid-cols-1 gap-3 xl:grid-cols-2">
        <FlowCard question={question} />
        <CycleCard question={question} />
        <ForecastCard question={question} />
        <ThroughputCard question={question} />
      </div>
    </>
  );
}
