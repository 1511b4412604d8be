import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { queryClient } from '@/shared/http/query-client';
import { useSession } from '@/shared/http/session';
import { later } from '@/shared/ui/later';
import { ErrorBoundary } from './error-boundary';
import { NotFound } from './not-found';
import { paths } from './paths';
import { WorkspaceLayout } from './shell/workspace-layout';
import { Splash } from './splash';

const SignIn = lazy(() => import('@/features/auth/sign-in-page'));
const Register = lazy(() => import('@/features/auth/register-page'));
const Invitation = lazy(() => import('@/features/auth/invitation-page'));
const Home = lazy(() => import('@/features/auth/home-page'));
const Toaster = later(() => import('@/shared/ui/toaster'));
const NewWorkspace = lazy(() => import('@/features/auth/new-workspace-page'));

/** The whole app: providers, and the first choice of what to show. */
export function App() {
  return (
    <ErrorBoundary>
      <QueryClientProvider client={queryClient}>
        <Suspense fallback={<Splash />}>
          <Pages />
        </Suspense>
        <Suspense>
          <Toaster />
        </Suspense>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}

function Pages() {
  const status = useSession((state) => state.status);
  const [path] = useLocation();
  if (status === 'unknown') return <Splash />;
  const next = path === '/' ? '' : `?next=${encodeURIComponent(path + location.search)}`;
  return (
    <Switch>
      <Route path={paths.signIn} component={SignIn} />
      <Route path={paths.register} component={Register} />
      <Route path={paths.join} component={Invitation} />
      {status === 'out' && <Redirect to={paths.signIn + next} replace />}
      <Route path="/" component={Home} />
      <Route path={paths.newWorkspace} component={NewWorkspace} />
      <Route path="/w/:workspace/*?">
        {(params) => <WorkspaceLayout key={params.workspace} workspace={params.workspace} />}
      </Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}
