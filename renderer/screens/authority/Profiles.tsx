// The profiles in words, and what their certificates cost a device.

import { type ReactNode, useState } from 'react';
import type { ProfilePage } from '../../../core/contract/schemas/authority.ts';
import { Facts, FailureState, Figure, Note, Panel } from '../../components/parts.tsx';
import { useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

const MATTER_LIMIT_BYTES = 600;
const SMALL_STORE_LIMIT_BYTES = 1_024;

function Sizes({ sizes }: { sizes: NonNullable<ProfilePage['sizes']> }): ReactNode {
  const { t, number } = useWords();
  const { certificateBytes: bytes } = sizes;
  return (
    <>
      <div className="figures">
        <Figure label={t.profiles.certificate} value={number(bytes)} />
        <Figure label={t.profiles.handshake} value={number(sizes.handshakeLeafBytes)} />
        <Figure label={t.profiles.handshakeChain} value={number(sizes.handshakeChainBytes)} />
        <Figure label={t.profiles.flash} value={number(sizes.flashBytes)} />
      </div>
      {bytes > MATTER_LIMIT_BYTES ? (
        <Note look="warning" icon="ui/warning">
          <p>{bytes > SMALL_STORE_LIMIT_BYTES ? t.profiles.over1024 : t.profiles.over600}</p>
        </Note>
      ) : null}
      <p className="small dim">{t.profiles.measured}</p>
    </>
  );
}

function ProfileDetails({ page }: { page: ProfilePage }): ReactNode {
  const { t, fill, plural, failure } = useWords();
  const problem = page.problem === undefined ? undefined : failure(page.problem);
  const key = page.keyCustody === 'on-device' ? t.profiles.keyOnDevice : t.profiles.keyAny;
  return (
    <Panel className="order-page">
      <div className="panel-body scroll stack" style={{ flex: 1 }}>
        <div>
          <h2 className="wrap-anywhere" style={{ fontSize: 'var(--t-title)' }}>
            {page.name}
          </h2>
          <p className="dim">{page.description}</p>
        </div>
        {page.sizes === undefined ? null : <Sizes sizes={page.sizes} />}
        {problem === undefined ? null : (
          <Note look="bad" icon="ui/warning">
            <p>
              <strong>{problem.what}</strong>
            </p>
            <p>{problem.next}</p>
          </Note>
        )}
        <Facts
          facts={[
            [
              t.profiles.subject,
              <span key="s" className="mono">
                {page.subject.join(', ')}
              </span>,
            ],
            ...(page.subjectAltName.length === 0
              ? []
              : [
                  [
                    t.profiles.altNames,
                    <span key="a" className="mono">
                      {page.subjectAltName.join(', ')}
                    </span>,
                  ] as const,
                ]),
            [t.profiles.key, fill(key, { algorithm: page.keyAlgorithm })],
            [
              t.profiles.usage,
              [
                ...page.keyUsage,
                ...(page.extendedKeyUsage.length === 0 ? [t.profiles.anyPurpose] : page.extendedKeyUsage),
              ].join(', '),
            ],
            [
              t.profiles.validity,
              page.validityDays === undefined
                ? t.common.noExpiry
                : plural(t.authority.days, page.validityDays),
            ],
            [
              t.profiles.signedBy,
              `${fill(t.profiles.signedByCa, { label: page.signedBy.label })} (${page.signedBy.subject})`,
            ],
          ]}
        />
      </div>
    </Panel>
  );
}

function sizeTag(page: ProfilePage): string {
  const { sizes } = page;
  if (sizes === undefined) return 'tag tag-bad';
  return sizes.certificateBytes > MATTER_LIMIT_BYTES ? 'tag tag-warning' : 'tag';
}

export function Profiles(): ReactNode {
  const { t, fill, number } = useWords();
  const asked = useAsk('authority.profiles', {});
  const [chosen, setChosen] = useState<string>();
  if (asked.error !== null) return <FailureState error={asked.error} retry={() => void asked.refetch()} />;
  if (asked.data === undefined) return <p role="status">{t.common.loading}</p>;
  const page = asked.data.find(({ name }) => name === chosen) ?? asked.data[0];
  return (
    <div className="authority">
      <Panel title={t.profiles.list} className="scroll-panel">
        <ul className="scroll">
          {asked.data.map((one) => (
            <li key={one.name}>
              <button
                type="button"
                className="profile-row"
                aria-pressed={one === page}
                onClick={() => setChosen(one.name)}
              >
                <span>
                  <strong className="wrap-anywhere">{one.name}</strong>
                  <span className="small dim">
                    {fill(t.profiles.version, { version: one.version })} · {one.keyAlgorithm}
                  </span>
                </span>
                <span className={sizeTag(one)}>
                  {one.sizes === undefined
                    ? '–'
                    : fill(t.profiles.bytes, { n: number(one.sizes.certificateBytes) })}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </Panel>
      {page === undefined ? null : <ProfileDetails page={page} />}
    </div>
  );
}
