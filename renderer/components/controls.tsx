// Buttons, fields and choices in the product's own look, on react-aria's behaviour.

import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Switch as AriaSwitch,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  RadioGroup,
  SearchField,
  Select,
  SelectValue,
  Text,
  TextField,
} from 'react-aria-components';
import { KEEPS_SCANS } from '../scanner/ScannerProvider.tsx';
import { Icon } from './Icon.tsx';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  readonly look?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly small?: boolean;
  readonly icon?: string;
  readonly children?: ReactNode;
}

/** Without children it is an icon alone and needs an aria-label. */
export function Button({ look = 'plain', small = false, icon, children, ...rest }: ButtonProps): ReactNode {
  const classes = [
    'button',
    `button-${look}`,
    small ? 'button-small' : '',
    children === undefined ? 'button-icon' : '',
  ];
  return (
    <AriaButton {...rest} className={classes.filter((name) => name !== '').join(' ')}>
      {icon === undefined ? null : <Icon name={icon} size={small ? 16 : 20} />}
      {children}
    </AriaButton>
  );
}

export function LinkButton({
  children,
  ...rest
}: Omit<AriaButtonProps, 'className' | 'children'> & { children: ReactNode }): ReactNode {
  return (
    <AriaButton {...rest} className="link">
      {children}
    </AriaButton>
  );
}

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  /** Shown instead of the hint. */
  readonly error?: string | undefined;
  readonly type?: 'text' | 'password';
  readonly numeric?: boolean;
  readonly autoFocus?: boolean;
  readonly required?: boolean;
  readonly mono?: boolean;
  readonly wide?: boolean;
  readonly hideLabel?: boolean;
  readonly keepsScans?: boolean;
  readonly maxLength?: number;
  readonly beside?: ReactNode;
  readonly placeholder?: string;
}

export function Field(props: FieldProps): ReactNode {
  const { label, value, onChange, hint, error, type = 'text', hideLabel = false, beside } = props;
  const input = (
    <Input
      className={props.mono ? 'input mono' : 'input'}
      autoComplete="off"
      spellCheck={false}
      {...(props.placeholder === undefined ? {} : { placeholder: props.placeholder })}
      {...(props.keepsScans ? { [KEEPS_SCANS]: '' } : {})}
    />
  );
  return (
    <TextField
      className={props.wide ? 'field wide' : 'field'}
      value={value}
      onChange={onChange}
      type={type}
      isInvalid={error !== undefined}
      isRequired={props.required ?? false}
      autoFocus={props.autoFocus ?? false}
      {...(props.numeric ? { inputMode: 'numeric' as const } : {})}
      {...(props.maxLength === undefined ? {} : { maxLength: props.maxLength })}
      {...(hideLabel ? { 'aria-label': label } : {})}
    >
      {hideLabel ? null : <Label>{label}</Label>}
      {beside === undefined ? (
        input
      ) : (
        <div className="input-with-button">
          {input}
          {beside}
        </div>
      )}
      {error === undefined && hint !== undefined ? (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      ) : null}
      <FieldError className="field-error">
        <Icon name="ui/warning" size={16} />
        {error}
      </FieldError>
    </TextField>
  );
}

export function Search({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}): ReactNode {
  return (
    <SearchField className="field" value={value} onChange={onChange} aria-label={label}>
      <div className="search">
        <Icon name="ui/search" />
        <Input className="input" placeholder={label} data-search="" />
      </div>
    </SearchField>
  );
}

export interface Option<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

export interface ChooseProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly Option<Value>[];
  readonly onChange: (value: Value) => void;
  readonly hideLabel?: boolean;
}

/** One of many, in a list that drops down. */
export function Choose<Value extends string>({
  label,
  value,
  options,
  onChange,
  hideLabel = false,
}: ChooseProps<Value>): ReactNode {
  return (
    <Select
      className="field"
      value={value}
      onChange={(key) => {
        const option = options.find((one) => one.value === key);
        if (option !== undefined) onChange(option.value);
      }}
      {...(hideLabel ? { 'aria-label': label } : {})}
    >
      {hideLabel ? null : <Label className="field-label">{label}</Label>}
      <AriaButton className="select-button">
        <SelectValue className="cut" />
        <Icon name="ui/chevron" size={18} />
      </AriaButton>
      <Popover className="popover" offset={4}>
        <ListBox>
          {options.map((option) => (
            <ListBoxItem
              key={option.value}
              id={option.value}
              textValue={option.label}
              className="list-option"
            >
              {({ isSelected }) => (
                <>
                  <span>{option.label}</span>
                  {isSelected ? <Icon name="ui/check" size={18} /> : null}
                </>
              )}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}

export interface ChoicesProps<Value extends string> extends Omit<ChooseProps<Value>, 'options'> {
  readonly options: readonly (Option<Value> & { readonly hint?: string })[];
  readonly inRow?: boolean;
}

/** One of few, all of them in sight. */
export function Choices<Value extends string>({
  label,
  value,
  options,
  onChange,
  hideLabel = false,
  inRow = false,
}: ChoicesProps<Value>): ReactNode {
  return (
    <RadioGroup
      className="field wide"
      value={value}
      onChange={(key) => {
        const option = options.find((one) => one.value === key);
        if (option !== undefined) onChange(option.value);
      }}
      {...(hideLabel ? { 'aria-label': label } : {})}
    >
      {hideLabel ? null : <Label className="field-label">{label}</Label>}
      <div className={inRow ? 'choices choices-row' : 'choices'}>
        {options.map((option) => (
          <Radio key={option.value} value={option.value} className="choice">
            <span className="choice-mark" />
            <span>
              <strong>{option.label}</strong>
              {option.hint === undefined ? null : (
                <span className="field-hint">
                  <br />
                  {option.hint}
                </span>
              )}
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}

export function Switch({
  label,
  on,
  onChange,
  hideLabel,
  disabled = false,
}: {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  hideLabel?: string;
  disabled?: boolean;
}): ReactNode {
  return (
    <AriaSwitch
      className="switch"
      isSelected={on}
      onChange={onChange}
      isDisabled={disabled}
      {...(hideLabel === undefined ? {} : { 'aria-label': hideLabel })}
    >
      <span className="switch-track" />
      <span className="switch-words">{label}</span>
    </AriaSwitch>
  );
}
