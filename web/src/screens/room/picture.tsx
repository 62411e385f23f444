/** One live picture, and one live sound. Autoplay that the browser blocks is reported, not swallowed. */
import { useEffect, useRef } from "react";
import css from "./picture.module.css";

interface PictureProps {
  track: MediaStreamTrack;
  /** Faces fill their tile; screens are shown whole. */
  fit: "cover" | "contain";
  /** One's own face, as in a mirror. */
  mirrored?: boolean;
  label: string;
}

export function Picture({ track, fit, mirrored, label }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = new MediaStream([track]);
    element.play().catch(() => undefined); // muted pictures are always allowed; AbortError when the track changes
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  const classes = [css.picture, css[fit], mirrored && css.mirrored].filter(Boolean).join(" ");
  return <video ref={video} className={classes} muted playsInline aria-label={label} />;
}

interface SoundProps {
  track: MediaStreamTrack;
  speakerId: string | null;
  /** Grows when the person pressed "turn sound on": try again within that press. */
  attempt: number;
  onBlocked: () => void;
}

export function Sound({ track, speakerId, attempt, onBlocked }: SoundProps) {
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = audio.current;
    if (element === null) return;
    element.srcObject = new MediaStream([track]);
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  useEffect(() => {
    audio.current?.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") onBlocked();
    });
  }, [track, attempt, onBlocked]);
  useEffect(() => {
    const element = audio.current;
    if (element !== null && speakerId !== null && "setSinkId" in element) element.setSinkId(speakerId).catch(() => undefined);
  }, [speakerId]);
  // What is said here is live speech: there is no text of it that a track element could carry.
  // eslint-disable-next-line jsx-a11y/media-has-caption
  return <audio ref={audio} />;
}
