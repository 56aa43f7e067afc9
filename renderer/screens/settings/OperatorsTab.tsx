// The people who may work here.

import { type ReactNode, useState } from 'react';
import type { Role } from '../../../core/contract/schemas/common.ts';
import type { Operator } from '../../../core/contract/schemas/session.ts';
import { Button, Choices, Field, Switch } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { FailureNote, FailureState, Panel } from '../../components/parts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { isPin } from '../welcome/draft.ts';

/** Adds an operator, or changes the one that is given. */
function OperatorDialog({ operator, onClose }: { operator?: Operator; onClose: () => void }): ReactNode {
  const { t, fill } = useWords();
  const create = useAct('operators.create', ['operators.list']);
  const change = useAct('operators.change', ['operators.list']);
  const [name, setName] = useState(operator?.operatorName ?? '');
  const [role, setRole] = useState<Role>(operator?.role ?? 'operator');
  const [pin, setPin] = useState('');
  const [badge, setBadge] = useState('');
  const [badgeTaken, setBadgeTaken] = useState(false);
  const ready = name.trim() !== '' && (isPin(pin) || (operator !== undefined && pin === ''));
  const submit = (): void => {
    const newBadge = badge.trim() === '' ? {} : { badge: badge.trim() };
    if (operator === undefined) {
      create.mutate({ operatorName: name.trim(), role, pin, ...newBadge }, { onSuccess: onClose });
    } else {
      change.mutate(
        {
          operatorName: operator.operatorName,
          role,
          ...(pin === '' ? {} : { pin }),
          ...(badgeTaken ? { badge: null } : newBadge),
        },
        { onSuccess: onClose },
      );
    }
  };
  return (
    <FormDialog
      title={
        operator === undefined
          ? t.settings.addTitle
          : fill(t.settings.changeTitle, { name: operator.operatorName })
      }
      onClose={onClose}
      widthPx={520}
      confirm={t.common.save}
      ready={ready}
      pending={create.isPending || change.isPending}
      onSubmit={submit}
      error={create.error ?? change.error}
    >
      {operator === undefined ? (
        <Field
          label={t.settings.operatorName}
          value={name}
          onChange={setName}
          maxLength={60}
          autoFocus
          required
        />
      ) : null}
      <Choices
        label={t.settings.role}
        inRow
        value={role}
        onChange={setRole}
        options={[
          { value: 'operator', label: t.roles.operator },
          { value: 'supervisor', label: t.roles.supervisor },
        ]}
      />
      <Field
        label={operator === undefined ? t.settings.pin : t.settings.newPin}
        hint={t.welcome.pinHint}
        type="password"
        numeric
        value={pin}
        onChange={(text) => setPin(text.replace(/\D/g, '').slice(0, 12))}
      />
      <Field
        label={t.settings.badge}
        hint={t.settings.badgeHint}
        value={badge}
        onChange={setBadge}
        keepsScans
        maxLength={128}
        type="password"
      />
      {operator?.hasBadge ? (
        <Switch label={t.settings.takeBadge} on={badgeTaken} onChange={setBadgeTaken} />
      ) : null}
    </FormDialog>
  );
}

export function OperatorsTab(): ReactNode {
  const { t, moment } = useWords();
  const asked = useAsk('operators.list', {});
  const me = useAsk('session.get', {}).data?.operator?.operatorName;
  const change = useAct('operators.change', ['operators.list']);
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<Operator>();
  if (asked.error !== null) return <FailureState error={asked.error} retry={() => void asked.refetch()} />;
  return (
    <Panel
      title={t.settings.tabs.operators}
      actions={
        <Button small look="primary" icon="ui/plus" onPress={() => setAdding(true)}>
          {t.settings.addOperator}
        </Button>
      }
    >
      <p className="dim panel-lead">{t.settings.operatorsLead}</p>
      <table className="plain-table">
        <thead>
          <tr>
            <th>{t.settings.operatorName}</th>
            <th>{t.settings.role}</th>
            <th>{t.settings.badge}</th>
            <th>{t.settings.lastSeen}</th>
            <th>{t.settings.active}</th>
            <th>
              <span className="unseen">{t.settings.change}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {(asked.data ?? []).map((operator) => (
            <tr key={operator.operatorName}>
              <td>
                <strong className="wrap-anywhere">{operator.operatorName}</strong>
                {operator.operatorName === me ? <span className="dim"> ({t.settings.you})</span> : null}
              </td>
              <td>{t.roles[operator.role]}</td>
              <td>
                {operator.hasBadge ? t.settings.hasBadge : <span className="dim">{t.settings.noBadge}</span>}
              </td>
              <td>
                {operator.lastSignInAtMs === undefined ? t.common.never : moment(operator.lastSignInAtMs)}
              </td>
              <td>
                <Switch
                  label={operator.active ? t.settings.active : t.settings.inactive}
                  hideLabel={`${t.settings.active}: ${operator.operatorName}`}
                  on={operator.active}
                  disabled={operator.operatorName === me}
                  onChange={(active) => change.mutate({ operatorName: operator.operatorName, active })}
                />
              </td>
              <td className="number">
                <Button small onPress={() => setChanging(operator)}>
                  {t.settings.change}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <FailureNote error={change.error} />
      {adding ? <OperatorDialog onClose={() => setAdding(false)} /> : null}
      {changing === undefined ? null : (
        <OperatorDialog operator={changing} onClose={() => setChanging(undefined)} />
      )}
    </Panel>
  );
}
