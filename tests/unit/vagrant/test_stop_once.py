"""How a refusal ends Vagrant, with many machines at once and with one; seen with Vagrant 2.3.4's `BatchAction`."""

from tests.unit.vagrant.ruby import NEEDS_RUBY, ROOT, ruby

pytestmark = NEEDS_RUBY
REFUSED = f"""
require '{ROOT}/vagrant/stop_once'
ui = Object.new
def ui.error(sentence) = puts(sentence)
env = Struct.new(:ui).new(ui)
refuse = lambda {{ Millrace::StopOnce.pass(env) {{ raise Millrace::Refused, 'The disk is full.' }} }}
"""


def test_machines_at_once_say_it_once_and_each_ends_its_thread() -> None:
    program = """
    threads = Array.new(4) { Thread.new { Thread.current[:batch_parallel_action] = true; refuse.call; puts 'went on' } }
    threads.each(&:join)
    puts threads.map { |thread| thread[:exit_code] }.inspect
    """
    done = ruby("-e", REFUSED + program)
    assert (done.stdout, done.stderr) == ("✗ The disk is full.\n[1, 1, 1, 1]\n", "")


def test_one_machine_alone_gets_the_refusal_itself() -> None:
    done = ruby("-e", REFUSED + 'begin; refuse.call; rescue Millrace::Refused => e; puts "raised: #{e.message}"; end')
    assert (done.stdout, done.stderr) == ("raised: ✗ The disk is full.\n", "")


def test_what_is_not_refused_passes() -> None:
    assert ruby("-e", REFUSED + "puts Millrace::StopOnce.pass(env) { 42 }").stdout == "42\n"
