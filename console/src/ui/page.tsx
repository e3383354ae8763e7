import { type ReactNode, useEffect, useRef } from "react";

/** A page with its heading, which gets the focus so that readers hear where they are; unless a form asks for it. */
export function Page({ title, children }: { title: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Postberry`;
    if (document.activeElement?.closest("dialog, main form") == null) heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <main>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </main>
  );
}
