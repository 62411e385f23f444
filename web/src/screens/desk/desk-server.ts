/** For component tests: a server behind `fetch` that answers as a test says. Import it before anything that fetches. */

interface Asked {
  readonly call: string;
  readonly body: unknown;
  readonly key: string | null;
}

type Answer = (body: unknown) => { status?: number; body?: unknown } | Promise<{ status?: number; body?: unknown }>;

export class DeskServer {
  readonly asked: Asked[] = [];
  private readonly answers = new Map<string, Answer>();

  /** Answers `GET /api/desk` and the like from now on. */
  on(call: string, body: unknown, status = 200): this {
    return this.onAsk(call, () => ({ status, body }));
  }

  onAsk(call: string, answer: Answer): this {
    this.answers.set(call, answer);
    return this;
  }

  /** What was sent with each of these calls. */
  bodies(call: string): unknown[] {
    return this.asked.filter((one) => one.call === call).map(({ body }) => body);
  }

  /** The idempotency key of each of these calls. */
  keys(call: string): (string | null)[] {
    return this.asked.filter((one) => one.call === call).map(({ key }) => key);
  }

  async fetch(request: Request): Promise<Response> {
    const call = `${request.method} ${new URL(request.url).pathname}`;
    const text = await request.text();
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    this.asked.push({ call, body, key: request.headers.get("Idempotency-Key") });
    const answer = this.answers.get(call);
    if (answer === undefined) return problem(404, { code: "not_found", asked: call });
    const { status = 200, body: answered } = await answer(body);
    if (status >= 400) return problem(status, answered);
    return new Response(JSON.stringify(answered ?? null), { status, headers: { "Content-Type": "application/json" } });
  }
}

const problem = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/problem+json" } });

let current = new DeskServer();

/** A fresh server for one test. */
export function newServer(): DeskServer {
  current = new DeskServer();
  return current;
}

globalThis.fetch = ((request: Request) => current.fetch(request)) as typeof fetch;
