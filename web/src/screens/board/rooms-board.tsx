/** The open rooms of one organisation: who is there, who waits, and whose line is weak. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { Badge, Card } from "../../elements/card";
import { PageTitle } from "../../elements/page";
import { useNow } from "../../elements/use-now";
import { Empty, Fetched } from "../desk/fetched";
import page from "../desk/fields.module.css";
import { useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import css from "./board.module.css";
import { LineFigures } from "./line-figures";
import { roomsQuery, type BoardRoom, type BoardSeat } from "./queries";
import { SeatTracks } from "./seat-tracks";
import { countsOf } from "./words";

export function RoomsBoard() {
  const { t } = useTranslation("desk");
  const board = useQuery(roomsQuery);
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <>
      <div className={page.heading}>
        <PageTitle>{t("board.rooms_title")}</PageTitle>
        {board.data !== undefined && <p className={page.small}>{t("board.as_of", { time: moments.time(board.data.now) })}</p>}
      </div>
      <Fetched query={board}>
        {({ rooms }) =>
          rooms.length === 0 ? <Card><Empty>{t("board.no_rooms")}</Empty></Card> : rooms.map((room) => <Room key={room.appointment_id} room={room} />)
        }
      </Fetched>
    </>
  );
}

function Room({ room }: { room: BoardRoom }) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const moments = useMomentsIn(useMe().tenant.zone);
  const name = room.title || common(`kind.${room.kind}`);
  return (
    <Card title={<Link href={`/desk/appointments/${room.appointment_id}`}>{name}</Link>} actions={<Troubles room={room} />}>
      <p className={page.small}>
        {[room.room, moments.span(room.starts_at, room.ends_at), t("board.counts", countsOf(room.seats))].join(" · ")}
      </p>
      <ul className={page.list}>
        {room.seats.map((seat) => <Seat key={seat.id} appointment={room.appointment_id} seat={seat} />)}
      </ul>
    </Card>
  );
}

function Troubles({ room }: { room: BoardRoom }) {
  const { t } = useTranslation("desk");
  if (room.troubles.length === 0) return <Badge tone="success">{t("board.well")}</Badge>;
  return (
    <span className={css.troubles}>
      {room.troubles.map((trouble) => (
        <Badge key={trouble} tone={trouble === "weak_line" ? "warning" : "danger"}>{t(`board.room_trouble.${trouble}`)}</Badge>
      ))}
    </span>
  );
}

function Seat({ appointment, seat }: { appointment: string; seat: BoardSeat }) {
  const { t } = useTranslation("desk");
  const now = useNow(15_000);
  const waits = seat.presence === "waiting" && seat.presence_at !== null;
  const minutes = waits ? Math.max(0, Math.floor((now - Date.parse(String(seat.presence_at))) / 60_000)) : 0;
  return (
    <li>
      <div className={page.item}>
        <span className={css.who}>
          <strong>{seat.name}</strong>
          {seat.is_weak && <Badge tone="warning">{t("board.weak")}</Badge>}
        </span>
        <p>{waits ? t("board.waits", { count: minutes }) : t(`presence.${seat.presence}`)}</p>
      </div>
      {seat.line !== null && (
        <>
          <LineFigures line={seat.line} />
          <SeatTracks appointment={appointment} seat={seat} />
        </>
      )}
    </li>
  );
}
