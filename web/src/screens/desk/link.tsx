/** Links inside the desk: a step to another page without loading the application again. */
import type { ComponentProps } from "react";
import { Link } from "wouter";
import { ButtonLink } from "../../elements/button";

export function ButtonTo(props: ComponentProps<typeof ButtonLink>) {
  return (
    <Link href={props.href} asChild>
      <ButtonLink {...props} />
    </Link>
  );
}
