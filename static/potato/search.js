/* The search field as a combobox: suggestions while typing, recent searches kept in this browser alone. */
(() => {
  const input = document.getElementById('q'), list = document.getElementById('suggestions');
  if (!input || !list) return;
  const KEY = 'searches', MOST = 5;
  // What Escape shut stays shut until the reader asks again, whatever is answered meanwhile.
  let at = -1, shut = false;
  input.type = 'text';
  for (const [name, value] of Object.entries({role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': list.id, 'aria-expanded': false}))
    input.setAttribute(name, value);

  const options = () => [...list.querySelectorAll('[role=option]')];
  const enough = () => /[\u1000-\u109f]|\w\w/.test(input.value);
  const mark = next => {
    options()[at]?.removeAttribute('aria-selected');
    at = next;
    const option = options()[at];
    if (!option) return input.removeAttribute('aria-activedescendant');
    option.id = 'option-' + at;
    option.setAttribute('aria-selected', true);
    option.scrollIntoView({block: 'nearest'});
    input.setAttribute('aria-activedescendant', option.id);
  };
  const open = yes => {
    mark(-1);
    list.hidden = !yes;
    input.setAttribute('aria-expanded', yes);
  };
  // Storage may be forbidden, and anything may stand in it.
  const recent = () => {
    try { return JSON.parse(localStorage[KEY]).filter(text => typeof text === 'string').slice(0, MOST); } catch { return []; }
  };
  const keep = text => {
    if (text) try { localStorage[KEY] = JSON.stringify([text, ...recent().filter(one => one !== text)].slice(0, MOST)); } catch {}
  };
  const offerRecent = () => {
    const texts = recent(), title = document.createElement('p');
    title.className = 'small';
    title.textContent = list.dataset.recent;
    list.replaceChildren(title, ...[...texts, ''].map(text => {
      const option = document.createElement('a'), name = document.createElement(text ? 'b' : 'span');
      option.setAttribute('role', 'option');
      option.tabIndex = -1;
      if (text) option.href = input.form.action + '?q=' + encodeURIComponent(text);
      name.textContent = text || list.dataset.clear;
      option.append(name);
      return option;
    }));
    open(texts.length > 0);
  };
  const look = () => {
    shut = false;
    if (!input.value.trim()) offerRecent();
    else if (enough()) htmx.trigger(input, 'suggest');
    else open(false);
  };

  input.addEventListener('input', look);
  input.addEventListener('focus', () => input.value.trim() || offerRecent());
  input.addEventListener('blur', () => open(false));
  input.form.addEventListener('submit', () => keep(input.value.trim()));
  input.addEventListener('keydown', event => {
    const n = options().length, step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (event.isComposing) return;
    if (event.key === 'Escape') shut = true;
    if (list.hidden) return step && look();
    if (step) mark(at < 0 && step < 0 ? n - 1 : at + step < n ? at + step : -1);
    else if (event.key === 'Enter' && at >= 0) options()[at].click();
    else if (event.key === 'Escape') open(false);
    else return;
    event.preventDefault();
  });
  // The field keeps the focus while an option is pressed.
  list.addEventListener('mousedown', event => event.preventDefault());
  list.addEventListener('click', event => {
    const option = event.target.closest('[role=option]');
    if (!option) return;
    if (option.href) return keep(option.querySelector('b').textContent);
    try { localStorage.removeItem(KEY); } catch {}
    open(false);
  });
  // An answer that comes too late, or is a page about what went wrong, is none.
  input.addEventListener('htmx:beforeOnLoad', event => {
    if (event.detail.xhr.status !== 200 || shut || document.activeElement !== input || !enough()) event.preventDefault();
  });
  list.addEventListener('htmx:afterSwap', () => open(options().length > 0));
})();
