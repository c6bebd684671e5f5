"""A component inside Calc, beside our extension: has a step go wrong while what an action has changed is brought in."""

import unohelper
from com.sun.star.task import XJob

SERVICE = "org.xlpoverty.tests.Breaking"
_STEPS = ("_copied", "_freeze", "_write", "_tokens", "_dressed", "_around", "_defined", "_renewed", "_charts")


class Breaking(unohelper.Base, XJob):
    def __init__(self, context):
        """As components are made."""

    def execute(self, given):
        from xl_poverty.hosts.libreoffice import live

        kept, left = {name: getattr(live._Bringing, name) for name in _STEPS}, [given[0].Value]

        def failing(step):
            def run(*told):
                found = step(*told)
                left[0] -= 1
                if not left[0]:
                    for name, own in kept.items():
                        setattr(live._Bringing, name, own)
                    raise RuntimeError("甲某 990000")
                return found

            return run

        for name, step in kept.items():
            setattr(live._Bringing, name, failing(step))


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Breaking, SERVICE, (SERVICE,))
