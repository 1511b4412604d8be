import { lazy, Suspense } from 'react';
import { useScreen } from '../screen';

const Search = lazy(() => import('@/features/tasks/palette/search-dialog'));
const NewTask = lazy(() => import('@/features/tasks/quick-add'));
const NewProject = lazy(() => import('@/features/tasks/project/project-dialog'));
const Keys = lazy(() => import('./keys-dialog'));

/** The dialogs that any page can open. */
export function Dialogs() {
  const { open, column, show } = useScreen();
  const close = () => show(null);
  return (
    <Suspense>
      {open === 'search' && <Search onClose={close} />}
      {open === 'new-task' && <NewTask column={column} onClose={close} />}
      {open === 'new-project' && <NewProject onClose={close} />}
      {open === 'keys' && <Keys onClose={close} />}
    </Suspense>
  );
}
