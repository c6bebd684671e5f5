"""The component that Calc calls for our functions. Its methods are those of the interface, made from the signatures."""
from __future__ import annotations

import unohelper
from org.xlpoverty import XFunctions

from .calls import method
from .interface import SERVICE, functions


class Functions(unohelper.Base, XFunctions):
    """The functions, as Calc knows them by CalcAddIns.xcu."""

    def __init__(self, context):
        self.context = context


for _one in functions():
    setattr(Functions, _one.method, method(_one.signature))

g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Functions, SERVICE, (SERVICE,))
