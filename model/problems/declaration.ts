/** Problems of the command line, declarations and rendered output. */
export const ofDeclarations = {
  USAGE: {
    means: 'the command line cannot be read',
    fix: 'use the form in the message; `--help` shows all forms',
  },
  'TOOL-MISSING': {
    means: 'a check needs a program that is not installed',
    fix: 'install it; checks are never skipped',
  },
  MACHINE: {
    means: 'this machine has a problem: the disk is full, a permission is missing, too many files are open',
    fix: 'fix what the message names, then run the command again',
  },
  DEFECT: {
    means: 'a bug in this repository',
    fix: 'run the command again with `DEBUG=1` and report the stack trace',
  },
  'UPGRADE-BASE': {
    means: 'it is unknown which release this repository is a copy of',
    fix: 'name its commit with `--from <commit>`',
  },
  'UPGRADE-CHANGED': {
    means: 'a file of the product was changed here, and the newer release changes it too',
    fix: 'move the change to `servers/` or `platforms/`, propose it to the product, or revert it',
  },
  'UPGRADE-FAILED': {
    means: 'a command of the newer release rejects this repository; nothing was changed',
    fix: 'fix what the message names, then run the upgrade again',
  },
  'PAGE-STALE': {
    means: 'a generated page of `docs/` does not match its sources',
    fix: '`npm run explain -- --write`, and commit it with its cause',
  },
  'OWNER-MISSING': {
    means: 'a warning: `.github/CODEOWNERS` has no line for a server, or one without the team of its declaration',
    fix: 'add the line that the message shows',
  },
  'OWNER-UNSET': {
    means: 'a warning: `.github/CODEOWNERS` names no organization yet, so reviews are requested from nobody',
    fix: 'replace `confirm-organization` by the organization that has the teams',
  },
  'NAME-TAKEN': {
    means: '`npm run new` would overwrite an existing file',
    fix: 'choose another name',
  },
  'SERVER-FIELD': {
    means: 'a declaration has an unknown field, an invalid value, or a value that another field decides',
    fix: 'correct the field; `model/server-entry.ts` describes each',
  },
  'SERVER-UNKNOWN': {
    means: 'no folder in `servers/` has this name',
    fix: 'choose one of the names in the message',
  },
  'PLATFORM-FIELD': {
    means: 'a platform has an unknown field or an invalid value',
    fix: 'correct the field; `model/platform.ts` describes each',
  },
  'PLATFORM-UNKNOWN': {
    means: '`platforms/` has no such file or no file at all, or there are several and the command names none',
    fix: 'name one from the message with `--platform`',
  },
  'PLATFORM-CLASH': {
    means: 'two platforms write to the same folder (ignoring case), or pin the same certificate',
    fix: 'give each platform its own folder and certificate',
  },
  'PLATFORM-OVERRIDE': {
    means: 'a server overrides a field for one platform that must be the same on all',
    fix: 'write it once, outside `platforms`; the message lists the fields that may differ',
  },
  'TOOLKIT-DUPLICATE': {
    means: 'two servers would publish their tools under one name',
    fix: 'rename one of the folders',
  },
  'TOOL-FILE': {
    means: "a file is in a server's folder where nothing reads it, or `tools/` is empty",
    fix: 'move it to the folder that the message names',
  },
  'TOOL-IMPORT': {
    means: 'a tool imports another server, this repository, or a package that is not in the lockfile',
    fix: "move shared code to the server's `lib/`; install the package",
  },
  'TOOL-LOAD': {
    means: 'a tool or a resource cannot be loaded: its file throws, or its definition is invalid',
    fix: 'correct what the message names',
  },
  'TOOL-WORD': {
    means:
      "a warning: a tool names a provider or a service domain that the engine's framework does not know (`worker/catalog/engine-words.ts` names its release)",
    fix: 'correct the name, or ignore the warning if your engine is newer',
  },
  'TOOL-BREAKING': {
    means: "a tool changed so that existing calls may fail, and the server's `version` does not say so",
    fix: 'raise the first number of `version` (below 1.0.0 the second), or keep the old form beside the new one',
  },
  'TOOL-ADDED': {
    means: 'tools offer something new under the same `version`',
    fix: 'raise the second number of `version`',
  },
  'SINCE-REF': {
    means: 'the commit to compare with does not exist here, or the history is too shallow to contain it',
    fix: 'fetch it with the command in the message',
  },
  'TOOL-UNKNOWN': {
    means: '`npm run call` names a tool that the worker does not have',
    fix: 'choose one of the names in the message',
  },
  'IMAGE-FOREIGN': {
    means: 'a server with `tools/` declares an image that is not built from them',
    fix: 'write only the version, or remove `tools/`',
  },
  'IMAGE-LITERAL': {
    means: '`npm run bump` cannot change the image of a declaration, because it is not a plain string',
    fix: 'write the image as a plain string, or edit the file by hand',
  },
  'IMAGE-OLDER': {
    means: 'a warning: the image is older than the declared one',
    fix: 'continue if this is intended',
  },
  'ROLLBACK-NONE': {
    means: 'no earlier commit contains another image of the server',
    fix: 'name the version: `npm run bump -- <server> <tag>`',
  },
  SCHEMA: {
    means: "an object, or a server's entry for the MCP registry, does not match its schema",
    fix: 'correct the declaration or the construct; `npm run import` updates the schemas',
  },
  RULE: {
    means:
      'two fields of a HelmRelease or a pod exclude each other, or `egress` blocks a destination that the worker must call',
    fix: 'remove one of the fields, or admit the destination in the message',
  },
  'API-REMOVED': {
    means: 'current releases do not serve this version of the kind',
    fix: 'write the version in the message',
  },
  UNPINNED: {
    means: 'an image or a chart version can change under the same name',
    fix: 'write an exact version or a digest',
  },
  'SOURCE-UNSET': {
    means: "the chart's source is not confirmed",
    fix: 'ask the team that runs Flux, and write it to `platforms/<cluster>.ts`',
  },
  'UNKNOWN-VALUE': {
    means: 'the chart is not known to have this value',
    fix: 'correct the key, or add a real one to `charts/st-app-values.ts`',
  },
  'UNMAPPED-FIELD': {
    means: 'this runtime does not support this field',
    fix: 'use the other runtime, or remove the field',
  },
  'NULL-VALUE': {
    means: 'null works when a release is installed and is dropped on upgrade',
    fix: 'remove the key, or use `valuesFrom`',
  },
  'BAD-VALUE': {
    means: 'a value is not plain JSON, or contains characters that YAML readers change',
    fix: 'replace it',
  },
  SUBSTITUTION: {
    means: 'the text contains a dollar sign before a brace, which Flux substitutes',
    fix: 'double the dollar sign; the container then gets one',
  },
  NAME: {
    means: 'the cluster rejects the name, or another program gives it a special meaning',
    fix: 'choose another name; the message says which limit or which program',
  },
  'DUPLICATE-OBJECT': {
    means:
      'Flux would read one of our objects from a second file in the target; as a warning: another reconciliation also creates one of our namespaces',
    fix: 'remove or rename one of the two',
  },
  'NOT-A-MANIFEST': {
    means: 'Flux rejects a file in the target, and with it every app',
    fix: 'fix that file first',
  },
  POLICY: {
    means: 'an object violates a policy of this platform, which the message names',
    fix: 'follow the policy',
  },
} as const;
