// What a server, broker or cloud takes: choose it, say what it needs to be told, write the files, read where they go.

import { type ReactNode, useState } from 'react';
import {
  TRUST_CONSUMER_NAMES,
  TRUST_CONSUMERS,
  type TrustConsumer,
  type TrustField,
} from '../../../core/contract/trust.ts';
import { Button, Choose, Field } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Prose } from '../../components/Prose.tsx';
import { FailureNote, Panel } from '../../components/parts.tsx';
import { WrittenFiles } from '../../components/WrittenFiles.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

const PAGES = import.meta.glob<string>('../../../docs/trust/*.md', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const pageOf = (consumer: TrustConsumer): string =>
  PAGES[`../../../docs/trust/${TRUST_CONSUMERS[consumer].page}.md`] ?? '';

type Details = Readonly<Partial<Record<TrustField, string>>>;
const EVERY_ORDER = '*';
const listOf = (text: string | undefined): readonly string[] | undefined => {
  const items = (text ?? '').split(/[,\n]+/).flatMap((item) => item.trim() || []);
  return items.length === 0 ? undefined : items;
};
const textOf = (text: string | undefined): string | undefined => text?.trim() || undefined;

function requestOf(consumer: TrustConsumer, details: Details) {
  const given: Details = Object.fromEntries(
    TRUST_CONSUMERS[consumer].fields.map((field) => [field, details[field]]),
  );
  const named = {
    orderId: given.order === EVERY_ORDER ? undefined : given.order,
    code: textOf(given.code),
    set: textOf(given.set),
    roleArn: textOf(given.roleArn),
    policy: textOf(given.policy),
    profileName: textOf(given.profile),
    subType: textOf(given.subType),
    tags: listOf(given.tag),
    firmwareTypes: listOf(given.firmwareType),
  };
  return {
    consumer,
    ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
  };
}

function DetailField({
  field,
  required,
  value,
  onChange,
}: {
  field: TrustField;
  required: boolean;
  value: string;
  onChange: (value: string) => void;
}): ReactNode {
  const { t } = useWords();
  const orders = useAsk('orders.list', {}, { enabled: field === 'order' }).data ?? [];
  const profiles = useAsk('catalog.get', {}, { enabled: field === 'profile' }).data?.profiles ?? [];
  const hints: Readonly<Partial<Record<TrustField, string>>> = t.trust.hints;
  const label = t.trust.fields[field];
  if (field === 'order')
    return (
      <Choose
        label={label}
        value={value || EVERY_ORDER}
        onChange={onChange}
        options={[
          { value: EVERY_ORDER, label: t.trust.allOrders },
          ...orders.map(({ orderId, name }) => ({ value: orderId, label: name })),
        ]}
      />
    );
  if (field === 'profile')
    return (
      <Choose
        label={label}
        value={value || 'aws-iot'}
        onChange={onChange}
        options={profiles.map(({ name }) => ({ value: name, label: name }))}
      />
    );
  return (
    <Field
      label={label}
      hint={hints[field]}
      value={value}
      onChange={onChange}
      required={required}
      maxLength={1_000}
      keepsScans
    />
  );
}

export function TrustExport(): ReactNode {
  const { t } = useWords();
  const write = useAct('trust.export');
  const [consumer, setConsumer] = useState<TrustConsumer>('nginx');
  const [details, setDetails] = useState<Details>({});
  const [reading, setReading] = useState(false);
  const { fields, required } = TRUST_CONSUMERS[consumer];
  const needs: readonly TrustField[] = required;
  const ready = needs.every((field) => (details[field] ?? '').trim() !== '');
  const submit = (): void => {
    if (ready && !write.isPending) write.mutate(requestOf(consumer, details));
  };
  return (
    <Panel title={t.trust.title} className="scroll-panel">
      <form
        className="panel-body scroll stack"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Choose
          label={t.trust.for}
          value={consumer}
          onChange={(value) => {
            setConsumer(value);
            write.reset();
          }}
          options={TRUST_CONSUMER_NAMES.map((value) => ({ value, label: t.trust.names[value] }))}
        />
        <p className="dim">{t.trust.what[consumer]}</p>
        {fields.length === 0 ? null : (
          <div className="trust-fields">
            {fields.map((field) => (
              <DetailField
                key={field}
                field={field}
                required={needs.includes(field)}
                value={details[field] ?? ''}
                onChange={(value) => setDetails((old) => ({ ...old, [field]: value }))}
              />
            ))}
          </div>
        )}
        <div className="row">
          <Button look="primary" icon="ui/save" type="submit" isDisabled={!ready || write.isPending}>
            {write.isPending ? t.trust.exporting : t.trust.export}
          </Button>
          <Button icon="ui/info" onPress={() => setReading(true)}>
            {t.trust.where}
          </Button>
        </div>
        <FailureNote error={write.error} />
        {write.data === undefined ? null : <WrittenFiles written={write.data} />}
      </form>
      {reading ? (
        <Dialog
          title={`${t.trust.names[consumer]}: ${t.trust.where}`}
          onClose={() => setReading(false)}
          widthPx={820}
        >
          <Prose text={pageOf(consumer)} />
        </Dialog>
      ) : null}
    </Panel>
  );
}
