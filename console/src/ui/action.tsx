import type { ReactNode } from "react";

interface ActionProps {
  isBusy: boolean;
  onAct: () => Promise<void>;
  isDanger?: boolean;
  children: ReactNode;
}

/** A button that does something on the server, once at a time. It stays enabled meanwhile, for that keeps the focus. */
export function Action({ isBusy, onAct, isDanger = false, children }: ActionProps) {
  async function act(): Promise<void> {
    if (isBusy) return;
    await onAct();
    setTimeout(keepFocus);
  }
  return (
    <button type="button" className={isDanger ? "danger" : undefined} aria-disabled={isBusy} onClick={() => void act()}>
      {children}
    </button>
  );
}

/** Who pressed a button that is gone now goes on at the heading, not at the top of the page. */
function keepFocus(): void {
  if (document.activeElement === document.body) document.querySelector("h1")?.focus({ preventScroll: true });
}
