import type { ValidateFunction } from 'ajv';

export const SealedSecret: ValidateFunction;
export const HelmRelease: ValidateFunction;
export const HelmRepository: ValidateFunction;
export const OCIRepository: ValidateFunction;
export const RegistryServer: ValidateFunction;
