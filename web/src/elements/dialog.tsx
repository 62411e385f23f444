/** A modal question: heading, body, actions. Focus goes in, stays in, and returns to where it came from. */
import { useId, type ReactNode } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useTranslation } from "react-i18next";
import { Button, type ButtonTone } from "./button";
import css from "./dialog.module.css";

export interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** An alert interrupts: it is read at once and closes only by an answer. */
  role?: "dialog" | "alertdialog";
  children?: ReactNode;
  actions: ReactNode;
}

export function Dialog({ title, isOpen, onClose, role = "dialog", children, actions }: DialogProps) {
  const body = useId();
  return (
    <ModalOverlay
      className={css.overlay ?? ""}
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={role === "dialog"}
    >
      <Modal className={css.modal ?? ""}>
        <AriaDialog className={css.dialog ?? ""} role={role} aria-describedby={body}>
          <Heading slot="title" className={css.title ?? ""}>
            {title}
          </Heading>
          <div id={body} className={css.body}>
            {children}
          </div>
          <div className={css.actions}>{actions}</div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface ConfirmProps extends Omit<DialogProps, "actions" | "role"> {
  confirmText: string;
  confirmTone?: ButtonTone;
  pending?: boolean;
  isDisabled?: boolean;
  onConfirm: () => void;
}

/** A question with one way on and one way back. What a dangerous one does may be a 취소 itself: its way back is not called so. */
export function ConfirmDialog({ confirmText, confirmTone = "primary", pending, isDisabled, onConfirm, ...rest }: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      {...rest}
      actions={
        <>
          <Button onPress={rest.onClose}>{t(confirmTone === "danger" ? "action.go_back" : "action.cancel")}</Button>
          <Button
            tone={confirmTone}
            onPress={onConfirm}
            {...(pending === undefined ? {} : { pending })}
            {...(isDisabled === undefined ? {} : { isDisabled })}
          >
            {confirmText}
          </Button>
        </>
      }
    />
  );
}
