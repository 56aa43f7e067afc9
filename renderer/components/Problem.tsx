// Keeps a fault of one part from taking the window down.

import { Component, type ReactNode } from 'react';
import { useWords } from '../words/words.tsx';
import { Button } from './controls.tsx';
import { Empty } from './parts.tsx';

function ProblemState({ retry }: { retry: () => void }): ReactNode {
  const { t, failure } = useWords();
  return (
    <Empty
      icon="ui/warning"
      title={t.problem.title}
      next={failure({ code: 'internal', details: {} }).next}
      action={<Button onPress={retry}>{t.problem.retry}</Button>}
    />
  );
}

export class Problem extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  override render(): ReactNode {
    return this.state.failed ? (
      <ProblemState retry={() => this.setState({ failed: false })} />
    ) : (
      this.props.children
    );
  }
}
