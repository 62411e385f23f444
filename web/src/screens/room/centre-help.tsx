/** Whom a guest can call when the room does not work. Staff are the ones who are called. */
import { Contact } from "../../elements/page";
import { useCall } from "./call-context";

export function CentreHelp() {
  const { you, room } = useCall().state;
  return you.staff ? null : <Contact name={room.centre_name} phone={room.centre_phone} />;
}
