/**
 * The name server of a network without an outside (RFC 1035). It knows the names of a table and denies
 * every other at once, with the SOA record that lets resolvers remember the denial (RFC 2308), so that
 * nothing in a guest waits for a name.
 *
 * The question goes back as the bytes that came: the codec has no words for many types (HTTPS, SVCB) and
 * would not write them as it read them.
 */
import { answer as record, decode, type Answer, type Packet } from '@leichtgewicht/dns-packet';
import { formatAddress, parseAddress } from './address.ts';
import { concat } from './bytes.ts';

export const DNS_PORT = 53;

const HEADER = 12;
/** Longer "lengths" mark compression. */
const MAX_LABEL = 63;

/** Seconds for which an answer, or a denial, may be remembered. */
const TIME_TO_LIVE = 60;

/** The largest UDP payload that we take, as EDNS tells it (RFC 6891; the size is that of the DNS flag day 2020). */
const EDNS_PAYLOAD = 1232;

const Flag = { response: 0x8000, authoritative: 0x0400, recursionAvailable: 0x0080 } as const;
/** Bits of a query that go back unchanged: operation code and "recursion desired". */
const ECHOED_FLAGS = 0x7900;

const Code = { ok: 0, formatError: 1, nameError: 3, notImplemented: 4, refused: 5 } as const;

/** The root zone is ours: there is no other. */
const AUTHORITY: Answer = {
  name: '.',
  type: 'SOA',
  ttl: TIME_TO_LIVE,
  data: {
    mname: 'gateway',
    rname: 'hostmaster.gateway',
    serial: 1,
    refresh: 3600,
    retry: 600,
    expire: 86400,
    minimum: TIME_TO_LIVE,
  },
};

/** The answer to a query with EDNS has it too (RFC 6891 section 6.1.1). */
const OPTIONS = {
  name: '.',
  type: 'OPT',
  udpPayloadSize: EDNS_PAYLOAD,
  data: [],
} satisfies Answer & { udpPayloadSize: number };

export class NameServer {
  /** Addresses by name, and names by the reversed address that a PTR query asks for; lower case. */
  readonly #addresses = new Map<string, string>();
  readonly #pointers = new Map<string, string>();

  /** `names` maps host names to IPv4 addresses. */
  constructor(names: Record<string, string>) {
    for (const [name, text] of Object.entries(names)) {
      const address = parseAddress(text);
      if (address === undefined) throw new RangeError(`"${text}" (for ${name}) is not an IPv4 address.`);
      const pointer = `${formatAddress(address).split('.').reverse().join('.')}.in-addr.arpa`;
      this.#addresses.set(name.toLowerCase(), text);
      if (!this.#pointers.has(pointer)) this.#pointers.set(pointer, name);
    }
  }

  /** The response to `query`, or `undefined` if it is too broken to be answered, or no query. */
  answer(query: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    if (query.length < HEADER || ((query[2] as number) & 0x80) !== 0) return undefined;
    let packet: Packet;
    try {
      packet = decode(query);
    } catch {
      return respond(query, { code: Code.formatError });
    }
    if (packet.opcode !== 'QUERY') return respond(query, { code: Code.notImplemented });
    const [question, ...others] = packet.questions ?? [];
    const asked = questionBytes(query);
    if (!question || !asked || others.length > 0) return respond(query, { code: Code.formatError });

    const hasOptions = packet.additionals?.some(({ type }) => type === 'OPT') ?? false;
    const reply = { question: asked, hasOptions };
    if (question.class !== 'IN') return respond(query, { ...reply, code: Code.refused });
    const { found, answers } = this.#find(question.name, question.type);
    return respond(query, { ...reply, code: found ? Code.ok : Code.nameError, answers });
  }

  #find(name: string, type: string): { found: boolean; answers: Answer[] } {
    const key = name.toLowerCase();
    const address = this.#addresses.get(key);
    const pointer = this.#pointers.get(key);
    const answers: Answer[] = [];
    const isAsked = (recordType: string) => type === recordType || type === 'ANY';
    if (address !== undefined && isAsked('A')) {
      answers.push({ name, type: 'A', ttl: TIME_TO_LIVE, data: address });
    }
    if (pointer !== undefined && isAsked('PTR')) {
      answers.push({ name, type: 'PTR', ttl: TIME_TO_LIVE, data: pointer });
    }
    return { found: address !== undefined || pointer !== undefined, answers };
  }
}

interface Reply {
  code: number;
  question?: Uint8Array;
  answers?: Answer[];
  hasOptions?: boolean;
}

function respond(query: Uint8Array, reply: Reply): Uint8Array<ArrayBuffer> {
  const { code, question = new Uint8Array(), answers, hasOptions = false } = reply;
  // Without an answer, the authority tells how long there will be none.
  const authorities = answers?.length === 0 ? [AUTHORITY] : [];
  const additionals = hasOptions ? [OPTIONS] : [];
  const records = [...(answers ?? []), ...authorities, ...additionals].map((answer) => record.encode(answer));

  const header = new Uint8Array(HEADER);
  const view = new DataView(header.buffer);
  const echoed = (((query[2] as number) << 8) | (query[3] as number)) & ECHOED_FLAGS;
  header.set(query.subarray(0, 2));
  view.setUint16(2, Flag.response | Flag.authoritative | Flag.recursionAvailable | echoed | code);
  view.setUint16(4, question.length > 0 ? 1 : 0);
  view.setUint16(6, answers?.length ?? 0);
  view.setUint16(8, authorities.length);
  view.setUint16(10, additionals.length);
  return concat(header, question, ...records);
}

/** The first question as it stands in `query`, or `undefined` if its name is compressed: there is nothing before it to point to. */
function questionBytes(query: Uint8Array): Uint8Array | undefined {
  let end = HEADER;
  for (let length = query[end] ?? 0; length !== 0; length = query[end] ?? 0) {
    if (length > MAX_LABEL) return undefined;
    end += length + 1;
  }
  return query.subarray(HEADER, end + 5);
}
