/** Labelled inputs: label above, help below it, the error beside what it is about. */
import type { ReactNode } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { TextArea } from "react-aria-components/TextArea";
import { TextField, type TextFieldProps } from "react-aria-components/TextField";
import css from "./field.module.css";

export interface FieldProps extends Omit<TextFieldProps, "children" | "className"> {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  /** Hides the label from sight where its neighbour says the same. */
  labelHidden?: boolean;
  placeholder?: string;
  /** Lines of text; more than one makes a text area. */
  rows?: number;
  autoComplete?: string;
}

export function Field({ label, help, error, labelHidden, placeholder, rows = 1, ...rest }: FieldProps) {
  return (
    <TextField {...rest} className={css.field ?? ""} isInvalid={error !== undefined || rest.isInvalid === true}>
      <Label className={labelHidden ? "visually-hidden" : (css.label ?? "")}>{label}</Label>
      {help !== undefined && (
        <Text slot="description" className={css.help ?? ""}>
          {help}
        </Text>
      )}
      {rows > 1 ? (
        <TextArea className={css.input ?? ""} rows={rows} {...(placeholder ? { placeholder } : {})} />
      ) : (
        <Input className={css.input ?? ""} {...(placeholder ? { placeholder } : {})} />
      )}
      <FieldError className={css.error ?? ""}>{error}</FieldError>
    </TextField>
  );
}
