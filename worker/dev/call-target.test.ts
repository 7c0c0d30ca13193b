import { serverMeant, workerUrl } from './call-target';

const one = { name: 'weather', toolkit: { name: 'weather', version: '1.0.0', description: 'x', tools: ['forecast'] } };
const other = { name: 'crm', toolkit: { ...one.toolkit, name: 'crm', tools: ['find_customer', 'forecast'] } };

test.each([
  [[one], ['forecast', 'city=Oslo'], 'weather', ['forecast', 'city=Oslo']],
  [[one], ['weather', 'forecast', 'city=Oslo'], 'weather', ['forecast', 'city=Oslo']],
  [[one], ['forecast', '{"city": "Oslo"}'], 'weather', ['forecast', '{"city": "Oslo"}']],
  [[one, other], ['crm', 'find_customer'], 'crm', ['find_customer']],
  [[one, other], ['find_customer', 'id=1'], 'crm', ['find_customer', 'id=1']],
  [[one], ['weather'], 'weather', []],
])('of %j, %j means a server', (servers, words, name, rest) => {
  expect(serverMeant(servers, words)).toMatchObject({ server: { name }, rest });
});

test.each([
  [[one], ['wether', 'forecast', 'city=Oslo'], 'SERVER-UNKNOWN', 'write "weather"'],
  [[one, other], ['wether', 'forecast'], 'SERVER-UNKNOWN', 'write "weather"'],
  [[one, other], ['zzzzzz', 'forecast'], 'SERVER-UNKNOWN', 'choose one of: weather, crm'],
  [[one, other], ['forecast', 'city=Oslo'], 'USAGE', 'name it in front of the tool, one of: weather, crm'],
  [[one, other], ['unknown', 'id=1'], 'USAGE', 'name it in front of the tool, one of: weather, crm'],
])('with the servers %j, %j is answered with what to write', (servers, words, code, fix) => {
  expect(() => serverMeant(servers, words)).toThrow(expect.objectContaining({ code, fix }));
});

const dev = { weather: 'http://127.0.0.1:18500', crm: 'http://127.0.0.1:18501' };

test.each<[string, Record<string, string>, Record<string, string>, string]>([
  ['weather', {}, {}, 'http://127.0.0.1:8000'],
  ['weather', dev, {}, 'http://127.0.0.1:18500'],
  ['crm', dev, { ARCADE_SERVER_PORT: '18500' }, 'http://127.0.0.1:18501'],
  ['weather', dev, { ARCADE_SERVER_PORT: '18600' }, 'http://127.0.0.1:18600'],
  ['weather', {}, { ARCADE_SERVER_PORT: '18500' }, 'http://127.0.0.1:18500'],
])('%s is asked, after dev at %j, with %j, at %s', (server, addresses, environment, url) => {
  expect(workerUrl(undefined, server, addresses, environment)).toBe(url);
  expect(workerUrl('https://a.example.com', server, addresses, environment)).toBe('https://a.example.com');
});

test.each(['nonsense', '127.0.0.1:8000', 'localhost:8000', 'ftp://127.0.0.1', 'http://', ''])(
  '%j is no address of a worker',
  (text) => {
    expect(() => workerUrl(text, 'weather', {}, {})).toThrow(`Cannot use --url "${text}"`);
  },
);
