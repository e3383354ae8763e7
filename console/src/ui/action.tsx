import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useState } from "react";

import { Modal } from "./modal";

/** So long a button is deaf that has just appeared, perhaps under a finger that meant another one. */
const SETTLING = 1_000;

interface ActionProps {
  isBusy: boolean;
  onAct: () => Promise<void>;
  isDanger?: boolean;
  /** What to know before it is done, where it cannot be taken back: then one is asked. */
  warning?: string | undefined;
  children: string;
}

/** A button that does something on the server, once at a time. */
export function Action({ isBusy, onAct, isDanger = false, warning, children }: ActionProps) {
  const [isAsking, setAsking] = useState(false);
  async function act(): Promise<void> {
    setAsking(false);
    await onAct();
    setTimeout(keepFocus);
  }
  return (
    <>
      <Press isBusy={isBusy} className={isDanger ? "danger" : undefined} onPress={() => (warning ? setAsking(true) : void act())}>
        {children}
      </Press>
      {isAsking && (
        <Modal title={`${children}?`} onDismiss={() => setAsking(false)}>
          <p>{warning}</p>
          <p className="row">
            <Press className="plain" onPress={() => setAsking(false)}>
              Go back
            </Press>
            <Press className={isDanger ? "danger" : undefined} onPress={() => void act()}>
              {children}
            </Press>
          </p>
        </Modal>
      )}
    </>
  );
}

interface PressProps {
  isBusy?: boolean;
  className?: string | undefined;
  onPress: () => void;
  children: ReactNode;
}

/** Pressed once by one gesture, be it a double click or a key held down. It is never disabled, for that loses the focus. */
function Press({ isBusy = false, onPress, ...button }: PressProps) {
  const isOff = !useSettled() || isBusy;
  function click({ detail }: MouseEvent): void {
    if (!isOff && detail < 2) onPress();
  }
  return <button type="button" aria-disabled={isOff} onKeyDown={pressOnce} onClick={click} {...button} />;
}

function pressOnce(event: KeyboardEvent): void {
  if (event.repeat && event.key === "Enter") event.preventDefault();
}

function useSettled(): boolean {
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), SETTLING);
    return () => clearTimeout(timer);
  }, []);
  return isSettled;
}

/** Who pressed a button that is gone now goes on at the heading, not at the top of the page. */
function keepFocus(): void {
  if (document.activeElement === document.body) document.querySelector("h1")?.focus({ preventScroll: true });
}
