import { nearest } from '../../model/nearest';
import { Problem } from '../../model/problem';
import { contract } from '../contract';
import type { BuiltHere } from './built-here';
import { isInput } from './inputs';

/**
 * Splits a command line into the server and the remaining words. The server is the first word when that is a server's name,
 * otherwise the only server, or the only one with a tool of that name.
 * @param servers all that are built here
 * @throws Problem SERVER-UNKNOWN for an unknown server; USAGE when there are several and none is named
 */
export function serverMeant(
  servers: readonly BuiltHere[],
  words: readonly string[],
): { readonly server: BuiltHere; readonly rest: readonly string[] } {
  const [first = '', second] = words;
  const named = servers.find(({ name }) => name === first);
  if (named !== undefined) return { server: named, rest: words.slice(1) };
  const names = servers.map(({ name }) => name);
  // Two words before the first input are a server and a tool.
  if (second !== undefined && !isInput(second)) {
    const meant = nearest(first, names);
    throw new Problem('SERVER-UNKNOWN', `Cannot call a tool of "${first}": no such server is built here`, {
      fix: meant === undefined ? `choose one of: ${names.join(', ')}` : `write "${meant}"`,
    });
  }
  const [server, other] = servers;
  if (server !== undefined && other === undefined) return { server, rest: words };
  const [owner, another] = servers.filter(({ toolkit }) => toolkit.tools.includes(first));
  if (owner !== undefined && another === undefined) return { server: owner, rest: words };
  throw new Problem('USAGE', 'Cannot choose a server: there are several', {
    fix: `name it in front of the tool, one of: ${names.join(', ')}`,
  });
}

/**
 * The URL of a server's worker: the given one, or where `npm run dev` or `npm start` of this shell listens.
 * @param dev the addresses of the last `npm run dev`, by server
 * @throws Problem USAGE for a --url that is not an http or https URL
 */
export function workerUrl(
  given: string | undefined,
  server: string,
  dev: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (given !== undefined) return checkedUrl(given);
  const port = environment[contract.env.port];
  const ofDev = dev[server];
  // With --all, a further server of the same shell listens on a later port.
  const isOfThisShell = port === undefined || Object.values(dev).some((url) => new URL(url).port === port);
  if (ofDev !== undefined && isOfThisShell) return ofDev;
  return `http://127.0.0.1:${port ?? contract.port}`;
}

function checkedUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new Problem('USAGE', `Cannot use --url "${text}": it is not an http or https URL`, {
    fix: `write it as http://127.0.0.1:${contract.port}`,
  });
}
