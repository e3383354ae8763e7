import { useEffect, useState } from "react";

const SHOWN = 2_000;
const MOST = 200_000;

/** A text of any length: its beginning, more in a box that scrolls, and all of it in a tab of its own. */
export function LongText({ text, label }: { text: string; label: string }) {
  const [isOpen, setOpen] = useState(false);
  const isLong = text.length > SHOWN;
  const shown = text.slice(0, isOpen ? MOST : SHOWN);
  return (
    <div className="long-text">
      {/* A box that scrolls has to be reached by keyboard. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {shown}
        {shown.length < text.length && "…"}
      </pre>
      {isLong && (
        <p className="row">
          <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Show less" : "Show more"}
          </button>
          <WholeText text={text} />
        </p>
      )}
    </div>
  );
}

function WholeText({ text }: { text: string }) {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [text]);
  return (
    <a href={address} target="_blank" rel="noreferrer">
      All {text.length.toLocaleString()} characters in a new tab
    </a>
  );
}
