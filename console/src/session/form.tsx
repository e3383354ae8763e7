import { type SyntheticEvent, useState } from "react";

import { Field } from "../ui/field";
import { Complaint } from "../ui/parts";
import { signIn } from "./session";

/** What was typed stays when it was wrong, or the server does not answer. */
export function SignInForm({ email = "" }: { email?: string }) {
  const [complaint, setComplaint] = useState("");
  const [isSending, setSending] = useState(false);

  async function submit(event: SyntheticEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setSending(true);
    setComplaint("");
    const said = await signIn(String(form.get("email")), String(form.get("password")));
    setSending(false);
    setComplaint(said ?? "");
  }

  return (
    <form className="sign-in" aria-label="Sign in" onSubmit={(event) => void submit(event)}>
      <Field label="E-mail" name="email" type="email" autoComplete="username" defaultValue={email} required autoFocus />
      <Field label="Password" name="password" type="password" autoComplete="current-password" required />
      <Complaint>{complaint}</Complaint>
      <button type="submit" disabled={isSending}>
        {isSending ? "Signing in…" : "Sign in"}
      </button>
    </form>
  );
}
