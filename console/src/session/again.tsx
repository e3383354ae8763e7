import { useStore } from "@nanostores/react";
import { type SyntheticEvent, useLayoutEffect, useRef } from "react";

import { SignInForm } from "./form";
import { session } from "./session";

/** Stands before the page, which keeps what was typed into it, until somebody is signed in again. */
export function SignInAgain() {
  const now = useStore(session);
  return now.state === "over" ? <Dialog email={now.user.email} /> : null;
}

function Dialog({ email }: { email: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLInputElement>("input[type=password]")?.focus();
    return () => element?.close(); // gives the focus back to what had it
  }, []);
  const stay = (event: SyntheticEvent) => event.preventDefault();
  return (
    <dialog ref={dialog} aria-labelledby="again" onCancel={stay}>
      <h2 id="again">Your session is over</h2>
      <p>It has expired, or was ended elsewhere. Sign in again: the page behind stays as it is.</p>
      <SignInForm email={email} />
    </dialog>
  );
}
