import { type InputHTMLAttributes, useId } from "react";

/** A line to type into, by its label. */
export function Field({ label, ...input }: InputHTMLAttributes<HTMLInputElement> & { label: string }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} {...input} />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  name: string;
  value: string;
  /** What each value is called. */
  options: Record<string, string>;
  onChange: (value: string) => void;
}

/** One of several, by its label. */
export function Choice({ label, options, onChange, ...select }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} {...select} onChange={(event) => onChange(event.target.value)}>
        {Object.entries(options).map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
