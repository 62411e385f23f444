// Made by `python -m signaling.messages.typescript`. Change signaling/messages instead.

export const PROTOCOL_VERSION = 1;

export type ErrorCode = "malformed" | "unknown_event" | "too_large" | "too_fast" | "version_mismatch" | "bad_sdp" | "auth_required" | "ticket_invalid" | "resume_invalid" | "not_allowed" | "wrong_state" | "unknown_call" | "unknown_seat" | "unknown_track" | "unknown_item" | "seat_revoked" | "room_full" | "room_locked" | "call_ended" | "recording_not_permitted" | "consent_text_changed" | "too_many" | "moved" | "left" | "denied" | "removed" | "restarting" | "node_unavailable" | "nodes_full" | "busy" | "internal";

/** The agenda with its marks. */
export interface AgendaChanged {
  rev: number;
  agenda: AgendaEntry[];
}

/** One item of the agenda, in order. */
export interface AgendaEntry {
  id: string;
  text: string;
  minutes: number | null;
  state: AgendaState;
  /** when it came to this state */
  at: string | null;
  by: string | null;
}

/** Set where an agenda item stands. */
export interface AgendaMark {
  item: string;
  state: AgendaState;
}

/** Where one agenda item stands. */
export type AgendaState = "pending" | "asked" | "done";

/** The fields of a positive acknowledgement beside `ok`. Most have none. */
export type Answer = Record<string, never>;

/** Mark this moment for the summary. */
export interface Bookmark {
  /** made by the client, once */
  id: string;
  text?: string | null;
}

/** A marked moment. */
export interface BookmarkView {
  id: string;
  by: string;
  text: string | null;
  at: string;
}

/** The marked moments. */
export interface BookmarksChanged {
  rev: number;
  bookmarks: BookmarkView[];
}

/** The last push before the server closes the connection: why, and whether to come back by itself. */
export interface Bye {
  code: string;
  /** true: connect again at once with the resume token */
  resume: boolean;
  /** what the host wrote, if anything */
  reason?: string | null;
}

/** Who hears a chat line. */
export type Channel = "all" | "panel";

/** One chat line. */
export interface ChatLine {
  id: string;
  seat: string;
  name: string;
  to: Channel;
  text: string;
  at: string;
  marked: boolean;
}

/** Take this chat line into the summary, or no longer. */
export interface ChatMark {
  /** made by the client, once */
  id: string;
  marked: boolean;
}

/** A new chat line, or one whose mark changed (same `id`). */
export interface ChatSaid {
  rev: number;
  line: ChatLine;
}

/** Say something; sending the same `id` again says it once. */
export interface ChatSend {
  /** made by the client, once */
  id: string;
  to: Channel;
  text: string;
}

/** The clock was started or paused. */
export interface ClockChanged {
  rev: number;
  clock: ClockView;
}

/** Start, pause or resume the conversation's clock. */
export interface ClockRun {
  running: boolean;
}

/** Elapsed time is `elapsed_s` plus, while running, the time since `at`. */
export interface ClockView {
  running: boolean;
  elapsed_s: number;
  at: string | null;
}

/** Where one consent item of one person stands. */
export type ConsentAnswer = "granted" | "refused" | "unanswered" | "withdrawn";

/** The receiver's own consent changed, or is asked for. */
export interface ConsentAsk {
  rev: number;
  consent: ConsentView;
}

/** My answer to one consent item, from now on. Refusing what was granted withdraws it. */
export interface ConsentGive {
  item: ConsentItem;
  answer: "granted" | "refused" | "later";
  text_version: string;
  lang: "ko" | "en";
}

/** What a person can agree to, each on its own. */
export type ConsentItem = "sound" | "picture";

/** The receiver's own answers. `asked`: recording is on and an answer is missing, so ask now, privately. */
export interface ConsentView {
  text_version: string;
  /** `item` and its texts by key */
  items: Record<string, unknown>[];
  answers: Partial<Record<ConsentItem, ConsentAnswer>>;
  asked: boolean;
}

/** Show this page to everybody; without `document`: stop showing. */
export interface DocumentShow {
  document: string | null;
  page?: number;
}

/** The page everybody sees now, or none. */
export interface DocumentShown {
  rev: number;
  shown: ShownView | null;
}

/** A document that may be shown. */
export interface DocumentView {
  id: string;
  title: string;
  pages: number;
}

/** The documents that may be shown. */
export interface DocumentsChanged {
  rev: number;
  documents: DocumentView[];
}

/** The answer to `down.offer`. */
export interface DownAnswer {
  /** grows with each negotiation of this peer connection */
  neg: number;
  sdp: string;
}

/** Answer with `down.answer` within 8 s, or `media.reset` follows. */
export interface DownOffer {
  neg: number;
  sdp: string;
  map: DownSlotView[];
}

/** Exactly these pictures are kept back now, because the line does not carry them; sound goes on. */
export interface DownPaused {
  tracks: string[];
  /** those of them that the server has no time for */
  busy?: string[];
}

/** Packets stopped coming on `down`: restart ICE. */
export interface DownRestart {
  reason: string;
}

/** Which track an m-line of a down-offer carries. */
export interface DownSlotView {
  mid: string;
  track: string;
  seat: string;
  source: Source;
}

/** The full set of wanted tracks; idempotent. Sets older than the last `rev` are ignored. */
export interface DownWant {
  rev: number;
  tracks: WantedTrack[];
}

/** Lower my hand; a host may lower another's. */
export interface HandLower {
  seat?: string | null;
}

/** Raise my hand. */
export type HandRaise = Record<string, never>;

/** How well a seat's line does, for the people beside it. */
export type Hint = "good" | "weak" | "unstable" | "lost";

/** As in `state`, and good from now on. */
export interface IceServersAnswer {
  ice_servers: Record<string, unknown>[];
  ice_refresh_s: number | null;
}

/** Fresh TURN credentials for both peer connections, well before those that one has expire. */
export type IceServersGet = Record<string, never>;

/** What the appointment is for; decides who hosts and who sees what. */
export type Kind = "interview" | "counselling" | "small_group";

/** Let this waiting seat in. */
export interface LobbyAdmit {
  seat: string;
}

/** Let everybody in who waits (not those who claim a seat in use). */
export type LobbyAdmitAll = Record<string, never>;

/** Do not let this waiting seat in. */
export interface LobbyDeny {
  seat: string;
  reason?: string | null;
}

/** Somebody who waits to be let in. `claim`: asks for a seat that is in use (forwarded link, second device). */
export interface LobbyEntry {
  seat: string;
  name: string;
  role: Role;
  since: string;
  online: boolean;
  claim: boolean;
}

/** Who waits, in order of arrival. `arrived` names who is new, for a sound. */
export interface LobbyWait {
  rev: number;
  lobby: LobbyEntry[];
  arrived: string[];
}

/** The client gave this peer connection up and builds a new one. */
export interface MediaReset {
  pc: PeerConnection;
}

/** Close this peer connection and build it anew. */
export interface MediaResetNeeded {
  pc: PeerConnection;
}

/** What the client sees of its line, every few seconds. */
export interface MediaStats {
  rtt_ms?: number | null;
  up_loss_percent?: number | null;
  down_loss_percent?: number | null;
  up_bps?: number | null;
  down_bps?: number | null;
  seconds?: number | null;
  tracks?: TrackStats[];
}

/** How to connect. `kept`: the peer connections from before still stand; otherwise build both anew.

One that does not is named by a `media.reset` right behind. */
export interface MediaView {
  kept: boolean;
  /** for both, as RTCPeerConnection takes them; empty outside the room */
  ice_servers: Record<string, unknown>[];
  /** ask `ice.servers` again after so many seconds; null: never */
  ice_refresh_s: number | null;
  /** codec; camera_layers [{rid, max_bitrate_bps, scale_down_by}], the smallest first, to be sent as simulcast by who can; camera_max_bitrate_bps and camera_max_height_px for who cannot; screen_max_bitrate_bps */
  policy: Record<string, unknown>;
}

/** Add an agreed next step; the same `id` again replaces it. */
export interface NextStepAdd {
  /** made by the client, once */
  id: string;
  text: string;
  due?: string | null;
}

/** Take a next step back. */
export interface NextStepRemove {
  /** made by the client, once */
  id: string;
}

/** An agreed next step. */
export interface NextStepView {
  id: string;
  by: string;
  text: string;
  due: string | null;
}

/** The agreed next steps. */
export interface NextStepsChanged {
  rev: number;
  next_steps: NextStepView[];
}

/** Which of a seat's two peer connections. */
export type PeerConnection = "up" | "down";

/** Where the call stands. */
export type Phase = "lobby_open" | "live" | "ended";

/** Where a seat's person is. */
export type Presence = "invited" | "waiting" | "admitted" | "connected" | "reconnecting" | "dropped" | "left" | "removed" | "denied";

/** What of one person may be written while recording. */
export interface RecordedSeat {
  seat: string;
  sound: boolean;
  picture: boolean;
}

/** Start or stop recording those who agreed. */
export interface RecordingRequest {
  action: "start" | "stop";
}

/** The recording changed, or who is and is not recorded. */
export interface RecordingState {
  rev: number;
  recording: RecordingView;
}

/** What the recording is doing now. */
export type RecordingStatus = "not_permitted" | "armed" | "recording" | "stopped" | "failed";

/** Whether it is recorded, since when, and of whom what; everybody in the room is listed. */
export interface RecordingView {
  status: RecordingStatus;
  since: string | null;
  seats: RecordedSeat[];
}

/** What a seat is in this appointment. */
export type Role = "host" | "co_host" | "panel" | "guest" | "observer";

/** End the conversation for everybody. */
export type RoomEnd = Record<string, never>;

/** Leave by own choice. */
export type RoomLeave = Record<string, never>;

/** While locked nobody new comes to the lobby. */
export interface RoomLock {
  locked: boolean;
}

/** The room changed: phase, lock, hosts, times. */
export interface RoomState {
  rev: number;
  room: RoomView;
}

/** The conversation as a whole. */
export interface RoomView {
  call: string;
  appointment: string;
  kind: Kind;
  title: string;
  starts_at: string;
  ends_at: string;
  next_starts_at: string | null;
  phase: Phase;
  locked: boolean;
  /** seats that host just now; empty while waiting */
  hosts: string[];
  centre_name: string;
  centre_phone: string;
}

/** So many minutes are left. */
export interface RoomWarn {
  minutes: number;
  next_starts_at: string | null;
}

/** I accept the ground rules of the group. */
export type RulesAccept = Record<string, never>;

/** This person interprets for others, or no longer. */
export interface SeatInterpret {
  seat: string;
  interprets: boolean;
}

/** Send this person out of the room; coming back needs a new admission. */
export interface SeatRemove {
  seat: string;
  reason?: string | null;
}

/** One seat changed, or is new. */
export interface SeatState {
  rev: number;
  seat: SeatView;
}

/** May the second connection that claims this seat have it? Answered by its holder or by a host. */
export interface SeatTakeover {
  seat: string;
  agree: boolean;
}

/** One seat of the room. */
export interface SeatView {
  seat: string;
  name: string;
  role: Role;
  staff: boolean;
  presence: Presence;
  hand_raised_at: string | null;
  /** for others: shown always, the last picture to be given up */
  interprets: boolean;
  tracks: TrackView[];
  hint: Hint;
}

/** The page everybody sees. */
export interface ShownView {
  document: string;
  title: string;
  pages: number;
  page: number;
  by: string;
}

/** Where a track comes from. */
export type Source = "mic" | "camera" | "screen" | "screen_audio";

/** Who speaks now, loudest first. */
export interface Speakers {
  seats: string[];
}

/** Other faces are to be shown: somebody spoke who was not, came or went. */
export interface StageChanged {
  rev: number;
  stage: StageView;
}

/** Whose faces to show where there is no room for all; everybody is heard. Who stays keeps the place in the list. */
export interface StageView {
  /** seats to show on a narrow screen, such as a telephone's */
  narrow: string[];
  wide: string[];
}

/** Everything the receiver may know. Sent on every connection, and as the answer of `state.get`.

A waiting seat sees no other person: `seats`, `chat` and the like are empty until it is admitted. */
export interface State {
  rev: number;
  now: string;
  /** resume token for the next connection; null in the answer of state.get */
  resume: string | null;
  room: RoomView;
  you: YouView;
  seats: SeatView[];
  lobby: LobbyEntry[];
  recording: RecordingView;
  consent: ConsentView;
  chat: ChatLine[];
  agenda: AgendaEntry[];
  clock: ClockView;
  bookmarks: BookmarkView[];
  next_steps: NextStepView[];
  documents: DocumentView[];
  shown: ShownView | null;
  stage: StageView;
  /** seats that speak now, loudest first; a node of an older version tells none */
  speakers?: string[];
  media: MediaView;
}

/** Send me the whole state: I missed a revision. */
export type StateGet = Record<string, never>;

/** One track as it arrived since the last report; what does not fit its kind is null. */
export interface TrackStats {
  track: string;
  lost_percent?: number | null;
  freezes?: number | null;
  height?: number | null;
  frames_per_s?: number | null;
  concealed_percent?: number | null;
  jitter_buffer_ms?: number | null;
}

/** A track that a seat publishes; `track` is what `down.want` names. */
export interface TrackView {
  track: string;
  source: Source;
  muted: boolean;
  /** it should be sending and nothing reaches the server; never while muted */
  stalled: boolean;
}

/** The answer to an up-offer. */
export interface UpAnswer {
  neg: number;
  sdp: string;
}

/** Send no more than this on the m-line; of simulcast layers only `layers`, for nobody sees the others. */
export interface UpLimit {
  mid: string;
  max_bitrate_bps: number;
  max_height: number;
  /** RIDs to be encoded, the smallest first; empty without simulcast */
  layers: string[];
  /** nobody sees it: encode nothing until told otherwise */
  paused?: boolean;
}

/** Publish, change or restart `up`. `tracks` names every m-line that now sends. */
export interface UpOffer {
  /** grows with each negotiation of this peer connection */
  neg: number;
  sdp: string;
  tracks: UpTrack[];
}

/** Nothing arrives on `up`: restart ICE with a new `up.offer`. */
export interface UpRestart {
  reason: string;
}

/** Muted or not, without SDP. A muted m-line sends nothing on purpose. */
export interface UpState {
  mid: string;
  muted: boolean;
}

/** Which source an m-line of an up-offer carries. */
export interface UpTrack {
  mid: string;
  source: Source;
}

/** One track to receive, and how it will be shown. */
export interface WantedTrack {
  track: string;
  /** pixels; 0 for sound */
  max_height: number;
  visible: boolean;
  /** larger is kept longer on a weak line */
  priority?: number;
}

/** The receiver's own seat changed. Being let in from the lobby is not a delta: a whole `state` is sent. */
export interface YouState {
  rev: number;
  you: YouView;
}

/** The receiver's own seat. */
export interface YouView {
  seat: string;
  name: string;
  role: Role;
  staff: boolean;
  presence: Presence;
  hosting: boolean;
  /** this connection waits for a seat that another connection holds */
  claiming: boolean;
  /** another connection asks for this seat: answer with seat.takeover */
  claimed: boolean;
  rules_accepted: boolean;
  /** the events this seat may send now */
  may: string[];
}

export interface Requests {
  "up.offer": UpOffer;
  "up.state": UpState;
  "down.want": DownWant;
  "down.answer": DownAnswer;
  "down.restart": DownRestart;
  "media.reset": MediaReset;
  "ice.servers": IceServersGet;
  "media.stats": MediaStats;
  "state.get": StateGet;
  "lobby.admit": LobbyAdmit;
  "lobby.admit_all": LobbyAdmitAll;
  "lobby.deny": LobbyDeny;
  "seat.remove": SeatRemove;
  "seat.interpret": SeatInterpret;
  "seat.takeover": SeatTakeover;
  "room.lock": RoomLock;
  "room.leave": RoomLeave;
  "room.end": RoomEnd;
  "chat.send": ChatSend;
  "chat.mark": ChatMark;
  "hand.raise": HandRaise;
  "hand.lower": HandLower;
  "agenda.mark": AgendaMark;
  "clock.run": ClockRun;
  "bookmark": Bookmark;
  "next_step.add": NextStepAdd;
  "next_step.remove": NextStepRemove;
  "document.show": DocumentShow;
  "recording.request": RecordingRequest;
  "consent.answer": ConsentGive;
  "rules.accept": RulesAccept;
}

export interface Answers {
  "up.offer": UpAnswer;
  "up.state": Answer;
  "down.want": Answer;
  "down.answer": Answer;
  "down.restart": Answer;
  "media.reset": Answer;
  "ice.servers": IceServersAnswer;
  "media.stats": Answer;
  "state.get": State;
  "lobby.admit": Answer;
  "lobby.admit_all": Answer;
  "lobby.deny": Answer;
  "seat.remove": Answer;
  "seat.interpret": Answer;
  "seat.takeover": Answer;
  "room.lock": Answer;
  "room.leave": Answer;
  "room.end": Answer;
  "chat.send": Answer;
  "chat.mark": Answer;
  "hand.raise": Answer;
  "hand.lower": Answer;
  "agenda.mark": Answer;
  "clock.run": Answer;
  "bookmark": Answer;
  "next_step.add": Answer;
  "next_step.remove": Answer;
  "document.show": Answer;
  "recording.request": Answer;
  "consent.answer": Answer;
  "rules.accept": Answer;
}

export interface Pushes {
  "state": State;
  "room.state": RoomState;
  "you.state": YouState;
  "seat.state": SeatState;
  "lobby.wait": LobbyWait;
  "recording.state": RecordingState;
  "consent.ask": ConsentAsk;
  "chat.said": ChatSaid;
  "agenda.state": AgendaChanged;
  "clock.state": ClockChanged;
  "bookmark.state": BookmarksChanged;
  "next_step.state": NextStepsChanged;
  "document.state": DocumentsChanged;
  "document.shown": DocumentShown;
  "stage.state": StageChanged;
  "down.offer": DownOffer;
  "down.paused": DownPaused;
  "up.limit": UpLimit;
  "up.restart": UpRestart;
  "media.reset": MediaResetNeeded;
  "speakers": Speakers;
  "room.warn": RoomWarn;
  "bye": Bye;
}
