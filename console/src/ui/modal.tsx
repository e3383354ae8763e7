import { type ReactNode, type SyntheticEvent, useId, useLayoutEffect, useRef } from "react";

interface ModalProps {
  title: string;
  /** What Escape does; without it the dialog stays. */
  onDismiss?: () => void;
  children: ReactNode;
}

/** A dialog before the page, which waits behind it and gets the focus back where it was. */
export function Modal({ title, onDismiss, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const cancel = (event: SyntheticEvent) => {
    event.preventDefault();
    onDismiss?.();
  };
  // A browser without `closedby` lets a second Escape through, whatever one says to the first.
  const closed = onDismiss ?? (() => dialog.current?.showModal());
  return (
    <dialog ref={dialog} aria-labelledby={id} closedby={onDismiss ? "closerequest" : "none"} onCancel={cancel} onClose={closed}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
