/** The nodes of an installation: how full each is against its measured limit, and the rooms on it by counts only. */
import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Button } from "../../elements/button";
import { Badge, Card } from "../../elements/card";
import { ConfirmDialog } from "../../elements/dialog";
import { PageTitle } from "../../elements/page";
import { ProblemBanner } from "../../elements/problem";
import { answer, api } from "../../net/http";
import { Empty, Fetched } from "../desk/fetched";
import page from "../desk/fields.module.css";
import { useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import css from "./board.module.css";
import { nodesQuery, type BoardNode, type CountedRoom } from "./queries";
import { gigabytes, percentOf } from "./words";

export function NodesBoard() {
  const { t } = useTranslation("desk");
  const board = useQuery(nodesQuery);
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <>
      <div className={page.heading}>
        <PageTitle>{t("board.nodes_title")}</PageTitle>
        {board.data !== undefined && <p className={page.small}>{t("board.as_of", { time: moments.time(board.data.now) })}</p>}
      </div>
      <Fetched query={board}>
        {({ nodes, rooms, now }) => (
          <>
            {nodes.length === 0 && <Card><Empty>{t("board.no_nodes")}</Empty></Card>}
            {nodes.map((node) => (
              <Node key={node.name} node={node} at={now} rooms={rooms.filter((room) => room.node === node.name)} />
            ))}
            <Homeless rooms={rooms.filter((room) => !nodes.some(({ name }) => name === room.node))} />
          </>
        )}
      </Fetched>
    </>
  );
}

/** `at`: by the server's clock, which tells how old all of it is. */
function Node({ node, at, rooms }: { node: BoardNode; at: string; rooms: readonly CountedRoom[] }) {
  const { t } = useTranslation("desk");
  return (
    <Card title={node.name} actions={<State node={node} />}>
      <Fullness node={node} />
      <Facts node={node} at={at} />
      {rooms.length > 0 && (
        <div>
          <p className={page.small}>{t("board.rooms_on", { name: node.name })}</p>
          <Rooms rooms={rooms} />
        </div>
      )}
      <Drain node={node} />
    </Card>
  );
}

function State({ node }: { node: BoardNode }) {
  const { t } = useTranslation("desk");
  const drained = node.drained_at !== null || node.leaving;
  return (
    <span className={css.troubles}>
      {node.troubles.map((trouble) => <Badge key={trouble} tone={trouble === "full" ? "warning" : "danger"}>{t(`board.node_trouble.${trouble}`)}</Badge>)}
      {drained && <Badge tone="primary">{t(node.leaving ? "board.leaving" : "board.draining")}</Badge>}
      {node.troubles.length === 0 && !drained && <Badge tone="success">{t("board.takes_rooms")}</Badge>}
    </span>
  );
}

function Fullness({ node }: { node: BoardNode }) {
  const { t } = useTranslation("desk");
  const percent = percentOf(node.fullness);
  return (
    <div className={css.fullness}>
      <span>{t("board.fullness", { percent })}</span>
      <meter aria-label={t("board.fullness_of", { name: node.name })} min={0} max={1} low={0.6} high={0.7} optimum={0} value={Math.min(1, node.fullness)}>
        {percent} %
      </meter>
    </div>
  );
}

function Facts({ node, at }: { node: BoardNode; at: string }) {
  const { t, i18n } = useTranslation("desk");
  const seenAgo = Math.max(0, Math.round((Date.parse(at) - Date.parse(node.seen_at)) / 1_000));
  const number = (value: number) => new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(value);
  const packetsOf = (perSecond: number, limit: number | null) => {
    const packets = number(Math.round(perSecond));
    return limit === null ? t("board.node.packets_only", { packets }) : t("board.node.packets_of", { packets, limit: number(Math.round(limit)) });
  };
  const facts: [string, string][] = [
    [t("board.node.rooms"), t("board.node.rooms_and_seats", { rooms: node.rooms, seats: node.seats, taken: node.seats_taken, most: node.seat_capacity })],
    ...(node.packets_per_s === null ? [] : [[t("board.node.packets"), packetsOf(node.packets_per_s, node.packet_limit)] as [string, string]]),
    [t("board.node.late"), `${number(1_000 * node.late_s)} ms`],
    ...(node.free_bytes === null ? [] : [[t("board.node.disk"), `${number(gigabytes(node.free_bytes))} GB`] as [string, string]]),
    [t("board.node.engine"), `${node.engine} · ${t("board.node.version", { version: node.version })}`],
    [t("board.node.seen"), t("board.node.seconds_ago", { count: seenAgo })],
  ];
  return (
    <dl className={page.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={css.fact}>
          <dt>{name}</dt>
          <dd className={page.number}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Emptying a node is asked about once more: people are in its rooms. */
function Drain({ node }: { node: BoardNode }) {
  const { t } = useTranslation("desk");
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const drained = node.drained_at !== null;
  const drain = useMutation({
    mutationFn: (wanted: boolean) => answer(api.POST("/api/nodes/drain", { body: { node: node.name, wanted } })),
    onSuccess: (told) => {
      setAsking(false);
      client.setQueryData(nodesQuery.queryKey, told);
    },
  });
  return (
    <>
      {drain.isError && <ProblemBanner error={drain.error} area="desk" />}
      <div className={page.actions}>
        {drained ? (
          <Button small pending={drain.isPending} onPress={() => drain.mutate(false)}>{t("board.undrain")}</Button>
        ) : (
          <Button small onPress={() => setAsking(true)}>{t("board.drain")}</Button>
        )}
      </div>
      <ConfirmDialog
        title={t("board.drain_title", { name: node.name })}
        isOpen={asking}
        onClose={() => setAsking(false)}
        confirmText={t("board.drain")}
        pending={drain.isPending}
        onConfirm={() => drain.mutate(true)}
      >
        <p>{t("board.drain_body", { count: node.rooms })}</p>
      </ConfirmDialog>
    </>
  );
}

function Rooms({ rooms }: { rooms: readonly CountedRoom[] }) {
  const { t } = useTranslation("desk");
  return (
    <ul className={page.list}>
      {rooms.map((room) => (
        <li key={room.call_id}>
          <span className={page.number}>{t("board.counts", { inside: room.inside, waiting: room.waiting })}</span>
          {room.weak_lines > 0 && <Badge tone="warning">{t("board.weak_lines", { count: room.weak_lines })}</Badge>}
        </li>
      ))}
    </ul>
  );
}

/** Rooms whose node is not there: people wait for one. */
function Homeless({ rooms }: { rooms: readonly CountedRoom[] }) {
  const { t } = useTranslation("desk");
  if (rooms.length === 0) return null;
  return (
    <Card title={t("board.homeless")}>
      <Rooms rooms={rooms} />
    </Card>
  );
}
