import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  assignCa,
  assignRolledOver,
  caFolder,
  caLabels,
  nextCaLabel,
  readAssignment,
} from '../../../core/authority/issuing/caFolders.ts';
import { distinguishedName } from '../../../core/authority/x509/name.ts';
import { toPem } from '../../../core/der/pem.ts';
import { testIssuing, testRoot } from '../../support/testAuthority.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyline-cas-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const root = testRoot();
const plain = testIssuing(root).certificateDer;
const pai = testIssuing(root, {
  subjectDer: distinguishedName([{ attribute: 'matterVendorId', value: 'FFF1' }]),
}).certificateDer;

function addCa(label: string, certificateDer?: Uint8Array): void {
  mkdirSync(caFolder(folder, label), { recursive: true });
  if (certificateDer !== undefined)
    writeFileSync(join(caFolder(folder, label), 'issuing.pem'), toPem('CERTIFICATE', certificateDer));
}

describe('the folders of issuing CAs', () => {
  it('list those with a certificate in the order in which they came', () => {
    expect([caLabels(folder), nextCaLabel(folder)]).toEqual([[], '2']);
    for (const label of ['1', '10', '2']) addCa(label, plain);
    addCa('11');
    expect([caLabels(folder), nextCaLabel(folder)]).toEqual([['1', '2', '10'], '12']);
  });

  it('remember which one signs what; a new active one takes everything over', () => {
    expect(readAssignment(folder)).toEqual({ active: '1', profiles: {} });
    for (const label of ['1', '2']) addCa(label, plain);
    assignCa(folder, '2', undefined);
    assignCa(folder, '1', 'tls-server');
    expect(readAssignment(folder)).toEqual({ active: '2', profiles: { 'tls-server': '1' } });
    assignCa(folder, '1', undefined);
    expect(readAssignment(folder)).toEqual({ active: '1', profiles: {} });
  });

  it('leave a profile of another CA where it is when the active one rolls over', () => {
    for (const label of ['1', '2', '3']) addCa(label, plain);
    assignRolledOver(folder, '2', 'matter-dac');
    assignRolledOver(folder, '3', undefined);
    expect(readAssignment(folder)).toEqual({ active: '3', profiles: { 'matter-dac': '2' } });
  });

  it('let a Matter PAI take over everything from a PAI alone', () => {
    addCa('1', plain);
    for (const label of ['2', '3']) addCa(label, pai);
    expect(() => assignCa(folder, '2', undefined)).toThrow('value_invalid');
    assignCa(folder, '2', 'matter-dac');
    expect(readAssignment(folder)).toEqual({ active: '1', profiles: { 'matter-dac': '2' } });

    rmSync(join(folder, 'issuing-cas.json'));
    addCa('1', pai);
    assignCa(folder, '3', undefined);
    expect(readAssignment(folder)).toEqual({ active: '3', profiles: {} });
  });

  it('refuse labels that are none, CAs that are not there and a damaged assignment', () => {
    for (const label of ['../x', '0', '', '99999'])
      expect(() => caFolder(folder, label)).toThrow('issuing_ca_unknown');
    expect(() => assignCa(folder, '3', undefined)).toThrow('issuing_ca_unknown');
    writeFileSync(join(folder, 'issuing-cas.json'), '{"active":"1"}');
    expect(() => readAssignment(folder)).toThrow('authority_invalid');
  });
});
