import { serverList } from '../../model/servers';
import { testPlatform } from '../../testing/fixtures';
import { fitted } from './svg';
import { mostDrawn, topology } from './topology';

function picture(entries: readonly object[], names: readonly string[] = []): string {
  const declared = entries.map((entry, index) => ({
    name: names[index] ?? `server-${index}`,
    entry: { team: 'infra', image: `registry.example/server-${index}:1.0.${index}`, ...entry },
  }));
  const { servers, problems } = serverList(declared, testPlatform);
  expect(problems).toEqual([]);
  return topology(
    servers.map((server) => ({ server, secrets: server.secrets })),
    testPlatform,
  );
}

/** The texts of a picture as they are read, from top to bottom; tooltips are not among them. */
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

test('a public server is drawn from the client to the pod, with its record and its secret', () => {
  const { dns, ingress } = testPlatform;
  const shown = texts(picture([{}]));
  const path = [
    'MCP client',
    'gateway',
    'engine',
    `server-0.${dns.zone}`,
    `CNAME ${ingress.target}`,
    'ingress',
    'service',
    'pod × 1',
  ];
  expect(shown).toEqual(
    expect.arrayContaining([...path, 'sealed secret', 'ARCADE_WORKER_SECRET', 'server-0-worker-secret']),
  );
});

test('an internal server has neither a record nor an ingress', () => {
  const shown = texts(picture([{ exposure: 'internal' }]));
  expect(shown).toContain('service');
  expect(shown).not.toContain('ingress');
  expect(shown.filter((text) => text?.startsWith('CNAME'))).toEqual([]);
});

test('the same servers give the same bytes, and no machine or moment is in them', () => {
  const entries = Array.from({ length: 30 }, (_, index) => (index % 3 === 0 ? { exposure: 'internal' } : {}));
  expect(picture(entries)).toBe(picture(entries));
  expect(picture(entries)).not.toMatch(/\d{4}-\d\d-\d\d|\/home|\/tmp/);
});

test('what is too long is cut in the middle and whole in the tooltip', () => {
  const name = `a${'-long'.repeat(9)}-name`;
  const svg = picture([{}], [name]);
  expect(svg).toContain(`<title>${name}.${testPlatform.dns.zone}, CNAME`);
  expect(texts(svg)).not.toContain(`${name}.${testPlatform.dns.zone}`);
  expect(fitted('abcdefghij', 6.6 * 5)).toBe('ab…ij');
  expect(fitted('abcde', 6.6 * 5)).toBe('abcde');
});

test.each([0, 1, 30, mostDrawn, mostDrawn + 1, 1000])(
  'a picture of %i servers is well-formed and stays readable',
  (count) => {
    const svg = picture(Array.from({ length: count }, () => ({})));
    const open: string[] = [];
    for (const [, closing, tag = '', selfClosing] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
      if (closing) expect(open.pop()).toBe(tag);
      else if (!selfClosing) open.push(tag);
    }
    expect(open).toEqual([]);
    expect(svg.replace(/&(amp|lt|gt|quot);/g, '')).not.toContain('&');
    expect(texts(svg).filter((text) => text === 'service').length).toBe(Math.min(count, mostDrawn));
    expect(texts(svg).some((text) => text?.startsWith('and '))).toBe(count > mostDrawn);
    expect(svg.length).toBeLessThan(100_000);
  },
);
