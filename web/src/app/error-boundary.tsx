import { TriangleAlert } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { Button } from '@/shared/ui/button';
import { Empty } from '@/shared/ui/empty';

type Props = {
  children: ReactNode /** A change of it clears the error: the address, say. */;
  reset?: string;
};
type State = { failed: boolean };

/** Catches what breaks below it and offers a way on. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override componentDidUpdate(before: Props) {
    if (before.reset !== this.props.reset && this.state.failed) this.setState({ failed: false });
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <div role="alert">
        <Empty
          icon={TriangleAlert}
          title="This page broke"
          action={
            <>
              <Button look="primary" onClick={() => location.reload()}>
                Reload
              </Button>
              <Button onClick={() => this.setState({ failed: false })}>Try again</Button>
            </>
          }
        >
          Nothing that was saved is lost. Reload it; if it breaks again, go back to the board.
        </Empty>
      </div>
    );
  }
}
