"""What a folder of run files says together: nights, trends, drift, cases that come out both ways.

Runs become **lines**: what was played alike, by suite, model, runtime and server, so that a
scripted run never stands beside a real one. On a line, runs become **nights**: run files of one
series and one setup are one night, any other run is a night of its own. A trial counts once, in the
first night that has it, however many run files hold a copy. Everything here is view data;
`audition.report` says how it looks.
"""
