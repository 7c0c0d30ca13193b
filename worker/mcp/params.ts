import { isObject } from '../json';
import { codes, type ErrorMember, type Members, type RequestMessage } from './protocol';

/** Checks the form of `params` before anything is run. Answers with the error, or with nothing when they are sound. */
export function checkParams({ method, params }: RequestMessage): ErrorMember | undefined {
  if (params !== undefined && !isObject(params)) return invalid('"params" must be an object');
  const members: Members = params ?? {};
  if (members._meta !== undefined && !isObject(members._meta)) return invalid('"_meta" must be an object');
  if (method === 'tools/call') return checkCall(members);
  if (method === 'initialize') return checkInitialize(members);
  return undefined;
}

function checkCall({ name, arguments: given }: Members): ErrorMember | undefined {
  if (typeof name !== 'string') return invalid('"name" must be the name of a tool');
  if (given !== undefined && !isObject(given)) return invalid('"arguments" must be an object');
  return undefined;
}

function checkInitialize({ protocolVersion, capabilities, clientInfo }: Members): ErrorMember | undefined {
  if (typeof protocolVersion !== 'string') return invalid('"protocolVersion" must be text');
  if (!isObject(capabilities)) return invalid('"capabilities" must be an object');
  if (!isObject(clientInfo) || typeof clientInfo.name !== 'string' || typeof clientInfo.version !== 'string') {
    return invalid('"clientInfo" must have a name and a version');
  }
  return undefined;
}

function invalid(reason: string): ErrorMember {
  return { code: codes.invalidParams, message: `Invalid params: ${reason}` };
}
