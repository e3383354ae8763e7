import { Component, type ReactNode } from "react";

/** In place of a page that could not be drawn: what happened, and a way on. */
export class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main role="alert">
        <h1>The console has failed</h1>
        <p>It met what it was not made for. The server goes on, and nothing was changed by this.</p>
        <pre className="fault">{String(error)}</pre>
        <button type="button" onClick={() => location.reload()}>
          Reload the page
        </button>
      </main>
    );
  }
}
