import { useWorkspace } from '@/features/tasks/workspace';
import { FormError } from '@/shared/ui/field';
import { Page } from '@/shared/ui/page';
import { DropZone } from './drop-zone';
import { Progress } from './progress';
import { Report } from './report';
import { Steps } from './steps';
import { useImport } from './use-import';

/** Brings a board from somewhere else: file, preview, import, report. */
export default function ImportPage() {
  const w = useWorkspace();
  const flow = useImport(w);
  const { job, sending } = flow;
  const busy = sending !== null || job !== undefined;
  return (
    <Page
      title="Import"
      lead="Bring a board from somewhere else. Nothing is changed until you have seen what will come over; importing the same file twice adds nothing."
    >
      <Steps job={job} />
      {!busy && <DropZone onFile={(file) => void flow.start(file)} />}
      <FormError>{flow.error}</FormError>
      {busy && <Progress flow={flow} />}
      {job?.report && <Report report={job.report} done={job.state === 'done'} />}
    </Page>
  );
}
