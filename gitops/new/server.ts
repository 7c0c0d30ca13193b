import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { distinctProblems } from '../../model/distinct-problems';
import type { Platform } from '../../model/platform';
import { Problem, Problems } from '../../model/problem';
import { serverClashes } from '../../model/servers';
import { type Server, serversFrom } from '../../model/spec';
import { unsealedRenderProblems } from '../synth/render-problems';
import { declarationText, type NewFiles, nameTaken, templateText } from './files';

/**
 * Builds a new server on every platform, and its files: a declaration and one tool. Writes nothing.
 * @param facts by default the team is `platform`, and the description derives from the name
 * @param servers the existing servers
 * @throws Problems with the name and the facts
 */
export function newServer(
  root: string,
  name: string,
  facts: { readonly team?: string | undefined; readonly description?: string | undefined },
  servers: readonly Server[],
  platforms: readonly Platform[],
): { readonly added: readonly Server[]; readonly files: NewFiles } {
  const { team = 'platform', description = `Tools for ${name.replaceAll('-', ' ')}.` } = facts;
  const entry = { team, description, version: '1.0.0', image: '1.0.0' };
  const { servers: added, problems } = serversFrom({ name, entry, tools: [firstTool] }, platforms);
  // Of the generated fields only the image can be invalid, and only together with the name.
  const wrong = distinctProblems(problems.filter(({ path }) => path !== 'image').map(forNewName));
  if (wrong.length > 0) throw new Problems(wrong);
  if (existsSync(join(root, `servers/${name}`))) throw nameTaken(`servers/${name}`);
  const source = `servers/${name}/server.ts`;
  const clashes = serverClashes([...servers, ...added]).filter(({ file }) => file === source);
  const refused = [...clashes, ...unsealedRenderProblems(added, platforms)];
  if (refused.length > 0) throw new Problems(distinctProblems(refused.map(forNewName)));
  const tool = [`servers/${name}/tools/${firstTool}.ts`, templateText(root, `${firstTool}.ts`)] as const;
  return { added, files: new Map([[source, declarationText(root, source, 'server', entry)], tool]) };
}

/** The model's fixes are for an existing folder; a new one can take another name. */
function forNewName({ code, message, path, fix }: Problem): Problem {
  const isName = path === 'name' || path === 'host' || code.endsWith('-DUPLICATE');
  return new Problem(code, message, { ...(path && { path }), fix: isName ? 'choose another name' : fix });
}

const firstTool = 'days_between';
