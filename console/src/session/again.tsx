import { useStore } from "@nanostores/react";

import { Modal } from "../ui/modal";
import { SignInForm } from "./form";
import { session } from "./session";

/** Stands before the page, which keeps what was typed into it, until somebody is signed in again. */
export function SignInAgain() {
  const now = useStore(session);
  if (now.state !== "over") return null;
  return (
    <Modal title="Your session is over">
      <p>It has expired, or was ended elsewhere. Sign in again: the page behind stays as it is.</p>
      <SignInForm email={now.user.email} />
    </Modal>
  );
}
