"""The runner: two processes that run one step, a supervisor and its child.

Started as ``<python> <this folder> [--journal-fd N]``; speaks ``execution/protocol.py``'s messages on its standard
input and output. It travels into other people's images, so it uses the standard library only, runs on Python 3.8 to
3.14, and imports little: every millisecond before the fork is paid at each start.
"""
