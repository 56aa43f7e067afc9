// For consumers that take plain PEM: the root alone, or the whole chain.

import { toPemChain } from '../../der/pem.ts';
import { chainPem, type ExportedFile, type TrustMaterial, textFile } from './files.ts';

/** The trust anchor alone: devices must then send their leaf and the issuing CA's certificate. */
export const exportRoot = ({ rootDer }: TrustMaterial): readonly ExportedFile[] => [
  textFile('root.pem', toPemChain([rootDer])),
];

/** Issuing CAs, then the root. */
export const exportChain = (material: TrustMaterial): readonly ExportedFile[] => [
  textFile('chain.pem', chainPem(material)),
];
