/** Sounds of this page: how loud a microphone is, a tone to test a speaker, a chime for an arrival. */

/** Calls `onLevel` with 0–1 about 15 times a second until the returned function is called. */
export function watchLevel(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1_024, smoothingTimeConstant: 0.3 });
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // -60 dBFS is silence, -10 dBFS is a loud voice.
    const decibels = 10 * Math.log10(power + 1e-10);
    onLevel(Math.min(1, Math.max(0, (decibels + 60) / 50)));
  }, 66);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** Plays soft notes, each [frequency in hertz, start in seconds], on a speaker. Resolves when they are over. */
async function play(notes: readonly (readonly [number, number])[], loudness: number, speakerId: string | null): Promise<void> {
  const context = new AudioContext();
  if (speakerId !== null && "setSinkId" in context) {
    await (context as AudioContext & { setSinkId: (id: string) => Promise<void> }).setSinkId(speakerId).catch(() => undefined);
  }
  const lengthS = 0.5;
  let last: OscillatorNode | null = null;
  for (const [frequency, startS] of notes) {
    const begin = context.currentTime + startS;
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, begin);
    gain.gain.linearRampToValueAtTime(loudness, begin + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.001, begin + lengthS);
    last = new OscillatorNode(context, { frequency });
    last.connect(gain).connect(context.destination);
    last.start(begin);
    last.stop(begin + lengthS);
  }
  await new Promise((resolve) => last?.addEventListener("ended", resolve));
  await context.close();
}

/** Three rising notes, long enough to find the volume key. */
export const playTestTone = (speakerId: string | null) => play([[523, 0], [659, 0.4], [784, 0.8]], 0.25, speakerId);

/** Somebody is at the door. */
export const playArrival = (speakerId: string | null) => play([[659, 0], [523, 0.18]], 0.12, speakerId);
