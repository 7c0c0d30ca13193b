import dns2, { Packet } from 'dns2';

/** A resource record of the library. */
type Resource = InstanceType<typeof Packet.Resource>;

/** The records by name: addresses, or the target of a CNAME. */
export type Zone = Readonly<Record<string, readonly string[] | { readonly cname: string }>>;

/**
 * Starts an authoritative name server on a loopback port, over UDP. Names outside its zone do not exist.
 * @param first its zone; `refused` rejects every query
 * @returns its address for a resolver, and a function that replaces the zone
 */
export async function nameServer(first: Zone | 'refused') {
  let zone = first;
  const server = dns2.createServer({
    udp: true,
    handle(request, send) {
      const response = Packet.createResponseFromRequest(request);
      response.header.aa = 1;
      for (const { name, type } of request.questions) {
        const records = zone === 'refused' ? zone : recordsOf(zone, name.toLowerCase(), type ?? 0);
        if (records === 'refused') response.header.rcode = refused;
        else if (records === undefined) response.header.rcode = nameError;
        else response.answers.push(...records);
      }
      void send(response);
    },
  });
  const { udp } = await server.listen({ udp: { port: 0, address: '127.0.0.1' } });
  return {
    address: `127.0.0.1:${udp?.port}`,
    setZone(next: Zone | 'refused') {
      zone = next;
    },
    close: () => server.close(),
  };
}

/** Response codes of RFC 1035. */
const [nameError, refused] = [3, 5];

/** The records of a name and a type, a CNAME before those of its target; undefined for a name that does not exist. */
function recordsOf(zone: Zone, name: string, type: number): Resource[] | undefined {
  const { A, AAAA, CNAME } = Packet.TYPE;
  const entry = zone[name];
  if (entry === undefined) return undefined;
  if ('cname' in entry) {
    const alias = record(name, CNAME, { domain: entry.cname });
    return type === CNAME ? [alias] : [alias, ...(recordsOf(zone, entry.cname, type) ?? [])];
  }
  if (type !== A && type !== AAAA) return [];
  const addresses = entry.filter((address) => address.includes(':') === (type === AAAA));
  return addresses.map((address) => record(name, type, { address }));
}

function record(name: string, type: number, content: { address: string } | { domain: string }): Resource {
  return Object.assign(new Packet.Resource(name, type, Packet.CLASS.IN, 1), content);
}
