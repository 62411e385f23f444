/** The live board: to a lead the open rooms, to an operator the nodes. Troubles first; it keeps itself up to date. */
import { operates } from "../desk/may";
import { useMe } from "../desk/session";
import { NodesBoard } from "./nodes-board";
import { RoomsBoard } from "./rooms-board";

export default function Board() {
  return operates(useMe()) ? <NodesBoard /> : <RoomsBoard />;
}
