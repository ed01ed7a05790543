// The lessons beside the canvas and the choice of a first visit: shows what the front end publishes of them
// (web/lessons/course.h, web/guide.cpp) and sends back what is pressed. It decides nothing. The panel narrows the canvas, and
// stands above it where the page is narrow; there it can be folded.
import { byId } from './page.mjs';

/**
 * Text as web/lessons/markdown.h gives it.
 * @typedef {[string, string][]} Line
 * @typedef {{kind: 'p'|'ul'|'pre', lines: Line[]}} Block
 */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {string} [name] of its class @param {(Node|string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function make(tag, name = '', ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...children);
  return element;
}

/** @param {Line} line */
const spans = (line) => line.map(([tag, text]) =>
  tag ? make(/** @type {'em'|'strong'|'code'} */ (tag), '', text) : document.createTextNode(text));

/** @param {Block[]} blocks @returns {Node[]} */
const nodes = (blocks) => blocks.map(({ kind, lines }) => kind === 'ul'
  ? make('ul', '', ...lines.map((line) => make('li', '', ...spans(line))))
  : make(kind, '', ...lines.flatMap(spans)));

export class LessonPanel {
  /** @param {(action: string) => void} press takes what was pressed, and shows what comes of it at once */
  constructor(press) {
    this.panel = byId('lesson');
    this.ring = byId('ring');
    this.welcome = byId('welcome');
    this.folded = false;
    /** What each part shows, as JSON. @type {Map<Element, string>} */ this.shown = new Map();
    /** Widgets to point at. @type {string[]} */ this.look = [];
    /** The part of the panel that is shown. */ this.where = '';
    this.press = press;
    for (const button of this.welcome.querySelectorAll('button'))
      button.addEventListener('click', () => this.choose(button.dataset.guide ?? ''));

    const tool = (/** @type {string} */ action, /** @type {string} */ label, /** @type {string} */ sign, /** @type {string} */ name) => {
      const button = make('button', name, sign);
      button.type = 'button';
      button.ariaLabel = button.title = label;
      button.addEventListener('click', () => this.send(action));
      return button;
    };
    this.of = make('p', 'of');
    this.title = make('h2');
    this.title.id = 'lesson-title';
    this.all = tool('lesson.list', 'All lessons', '☰', 'tool');
    this.fold = tool('', 'Fold the lesson', '', 'tool fold');
    this.close = tool('lesson.close', 'Close the lessons', '×', 'tool');
    this.steps = make('ol', 'steps');
    this.steps.ariaLabel = 'Steps of this lesson';
    this.name = make('h3');
    this.name.tabIndex = -1;
    this.text = make('div', 'text');
    this.list = make('ol', 'lessons');
    this.tasks = make('ul', 'tasks');
    this.tasks.ariaLabel = 'To do';
    this.question = make('fieldset', 'question');
    this.reply = make('div', 'reply');
    this.reply.role = 'status';
    this.feedback = make('div', 'feedback');
    this.feedback.role = 'status';
    this.hints = make('div', 'hints');
    this.hints.role = 'status';
    this.hint = tool('lesson.hint', '', '', 'hint');
    this.news = make('p', 'news');
    this.news.role = 'status';
    this.back = tool('lesson.back', 'Back', 'Back', '');
    this.again = tool('lesson.again', 'Set up again: this step’s networks from the start', 'Set up again', 'quiet');
    this.next = tool('lesson.next', 'Next', 'Next', 'next');
    this.body = make('div', 'body', this.steps, this.name, this.text, this.list, this.tasks, this.question, this.reply,
      this.feedback, this.hints, this.hint, this.news);
    this.foot = make('footer', '', this.back, this.again, this.next);
    this.panel.append(make('header', '', make('div', '', this.of, this.title), this.all, this.fold, this.close), this.body, this.foot);
    this.panel.addEventListener('keydown', (event) => event.stopPropagation());
  }

  /** @param {string} action */
  send(action) {
    if (action) return this.press(action);
    this.folded = !this.folded;
    this.frame(true);
  }

  /** Of the first visit. @param {string} action */
  choose(action) {
    this.press(action);
    if (action !== 'welcome.text') return byId('canvas').focus({ preventScroll: true });
    let frames = 60;  // where the text has a tab of its own, the field comes with it
    const take = () => {
      const field = document.getElementById('text');
      if (!(field instanceof HTMLTextAreaElement) || field.hidden) return void (--frames > 0 && requestAnimationFrame(take));
      field.focus({ preventScroll: true });
      field.select();
    };
    take();
  }

  /** Replaces what a part shows, if it is something else than before. @param {Element} part @param {unknown} what @param {() => Node[]} build */
  put(part, what, build) {
    const json = JSON.stringify(what ?? null);
    if (this.shown.get(part) === json) return false;
    this.shown.set(part, json);
    part.replaceChildren(...(what ? build() : []));
    /** @type {HTMLElement} */ (part).hidden = !part.childNodes.length;
    return true;
  }

  /** The canvas beside or below the panel. @param {boolean} open */
  frame(open) {
    const { classList } = document.documentElement;
    classList.toggle('lesson-open', open);
    classList.toggle('lesson-folded', open && this.folded);
    this.panel.hidden = !open;
    this.fold.textContent = this.folded ? '▾' : '▴';
    this.fold.ariaLabel = this.fold.title = this.folded ? 'Unfold the lesson' : 'Fold the lesson';
    this.fold.ariaExpanded = String(!this.folded);
  }

  /** The height of a page whose canvas has this one: style.css says what stands above it. @param {number} canvas */
  around(canvas) {
    if (this.panel.hidden || !matchMedia('(max-width: 859px)').matches) return canvas;
    return Math.round(this.folded ? canvas + 48 : Math.min(canvas / (1 - 0.38), canvas + 320));
  }

  /** @param {any} state what the front end published */
  show({ lesson, lessons, welcome }) {
    this.welcome.hidden = !welcome;
    this.frame(Boolean(lesson || lessons));
    this.look = lesson && !lesson.done ? lesson.look ?? [] : [];
    if (lesson) this.showLesson(lesson);
    else if (lessons) this.showList(lessons);
    else this.where = '';
  }

  /** Another step, or the list: from its beginning, and read from there when the keyboard was in the panel. @param {string} where @param {HTMLElement} head */
  enter(where, head) {
    if (this.where === where) return;
    const inside = this.panel.contains(document.activeElement);
    this.where = where;
    this.body.scrollTop = 0;
    if (inside) head.focus({ preventScroll: true });
  }

  /** @param {any[]} lessons */
  showList(lessons) {
    this.of.textContent = 'Step by step';
    this.title.textContent = 'Lessons';
    this.title.tabIndex = -1;
    this.all.hidden = this.foot.hidden = this.hint.hidden = true;
    this.close.hidden = false;
    for (const part of [this.steps, this.name, this.text, this.tasks, this.question, this.reply, this.feedback, this.hints, this.news])
      this.put(part, null, () => []);
    this.put(this.list, lessons, () => lessons.map(({ id, title, summary, minutes, done, whole }) => {
      const state = whole ? 'done' : done ? `${done} ${done === 1 ? 'step' : 'steps'} done` : `${minutes} min`;
      const button = make('button', '', make('strong', '', title), make('span', '', summary), make('span', 'state', (whole ? '✓ ' : '') + state));
      button.type = 'button';
      button.dataset.lesson = id;
      button.addEventListener('click', () => this.send(`lesson.open:${id}`));
      return make('li', '', button);
    }));
    this.enter('list', this.title);
  }

  /** @param {any} lesson */
  showLesson(lesson) {
    const { id, title, number, of, step, steps = [], loading } = lesson;
    this.of.textContent = `Lesson ${number} of ${of}${loading ? '' : `, step ${step} of ${steps.length}`}`;
    this.title.textContent = title;
    this.all.hidden = this.close.hidden = !lesson.can_choose;
    this.put(this.list, null, () => []);
    this.put(this.name, loading ? 'Loading…' : lesson.steps[step - 1].title, () => [document.createTextNode(loading ? 'Loading…' : steps[step - 1].title)]);
    this.foot.hidden = loading;
    if (loading) {
      this.hint.hidden = true;
      for (const part of [this.steps, this.text, this.tasks, this.question, this.reply, this.feedback, this.hints, this.news]) this.put(part, null, () => []);
      return;
    }
    this.showSteps(id, step, steps);
    this.put(this.text, lesson.text, () => nodes(lesson.text));
    this.put(this.tasks, lesson.check.length ? lesson.check : null, () => lesson.check.map((/** @type {any} */ { says, holds }) => {
      const task = make('li', holds ? 'holds' : '', make('span', 'mark', holds ? '✓' : '○'), says);
      task.ariaLabel = `${says}, ${holds ? 'done' : 'to do'}`;
      return task;
    }));
    this.showQuestion(lesson.question);
    this.put(this.feedback, lesson.feedback.length ? lesson.feedback : null, () => lesson.feedback.flatMap(nodes));
    const hinted = this.put(this.hints, lesson.hints.length ? lesson.hints : null, () => lesson.hints.map((/** @type {Block[]} */ hint) => make('div', '', ...nodes(hint))));
    if (hinted) this.reveal(this.hints);
    this.hint.hidden = !lesson.more_hints || lesson.done;
    this.hint.textContent = this.hint.ariaLabel = lesson.more_hints === 1 ? 'Show the solution' : lesson.hints.length ? 'Another hint' : 'Hint';
    this.hint.title = '';
    const finished = this.put(this.news, lesson.has_task && lesson.done ? id + step : null, () => [document.createTextNode('✓ Done. Go on when you like.')]);
    if (finished && lesson.question) this.reveal(this.news);
    this.back.disabled = !lesson.can_go_back;
    this.next.disabled = !lesson.can_go_on;
    this.next.classList.toggle('ready', lesson.done || !lesson.has_task);
    this.next.textContent = this.next.ariaLabel = lesson.next;
    this.next.title = '';
    this.enter(`${id} ${step}`, this.name);
  }

  /** Scrolls within the panel, and nothing around it, until the end of a part is seen. @param {HTMLElement} part */
  reveal(part) {
    const below = part.getBoundingClientRect().bottom + 22 - this.body.getBoundingClientRect().bottom;
    if (!part.hidden && below > 0) this.body.scrollTop += below;
  }

  /** @param {string} id @param {number} step @param {any[]} steps */
  showSteps(id, step, steps) {
    if (this.steps.children.length !== steps.length || this.shown.get(this.steps) !== id) {
      this.shown.set(this.steps, id);
      this.steps.hidden = false;
      this.steps.replaceChildren(...steps.map((_, index) => {
        const button = make('button');
        button.type = 'button';
        button.addEventListener('click', () => this.send(`lesson.step:${index + 1}`));
        return make('li', '', button);
      }));
    }
    steps.forEach(({ title, done, free }, index) => {
      const button = /** @type {HTMLButtonElement} */ (this.steps.children[index].firstChild);
      button.textContent = done && index + 1 !== step ? '✓' : String(index + 1);
      button.ariaLabel = button.title = `${index + 1}. ${title}${done ? ' (done)' : ''}`;
      button.disabled = !free;
      button.ariaCurrent = index + 1 === step ? 'step' : null;
    });
  }

  /** @param {any} question null: none */
  showQuestion(question) {
    this.put(this.question, question && [question.asks, question.answers], () => [
      make('legend', '', ...nodes(question.asks)),
      ...question.answers.map((/** @type {Block[]} */ answer, /** @type {number} */ index) => {
        const button = make('button', 'answer', ...nodes(answer));
        button.type = 'button';
        button.addEventListener('click', () => this.send(`lesson.answer:${index}`));
        return button;
      }),
    ]);
    if (question)
      [...this.question.querySelectorAll('button')].forEach((button, index) => {
        button.ariaPressed = String(index === question.chosen);
        button.classList.toggle('right', index === question.chosen && question.right);
      });
    const replied = this.put(this.reply, question?.reply ? [question.reply, question.right] : null, () => nodes(question.reply));
    this.reply.classList.toggle('right', Boolean(question?.right));
    if (replied) this.reveal(this.reply);
  }

  /**
   * Points at the first widget of the step that is on the screen.
   * @param {Record<string, [number, number, number, number]>} widgets in CSS pixels of the canvas @param {{width: number, height: number}} canvas
   */
  point(widgets, { width, height }) {
    const found = this.look.map((name) => widgets[name]).find((box) => box && box[0] < width && box[1] < height);
    this.ring.hidden = !found;
    if (!found) return;
    const [x, y, wide, high] = found, gap = 3;
    const left = Math.max(2, x - gap), top = Math.max(2, y - gap);
    Object.assign(this.ring.style, {
      left: `${left}px`, top: `${top}px`,
      width: `${Math.min(x + wide + gap, width - 2) - left}px`, height: `${Math.min(y + high + gap, height - 2) - top}px`,
    });
  }
}
